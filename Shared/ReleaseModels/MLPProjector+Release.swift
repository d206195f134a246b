internal import Domain
public import GGML
public import Releases

extension MLPProjector {
    /// Loads a release's projector and compares its shape and roles with the manifest; nil for a
    /// release without one, as before a projector is trained.
    ///
    /// - Parameter threads: threads of one call with many rows.
    /// - Throws: `GGUFError` for a faulty file, `ReleaseError` of code `inconsistent` for a file
    ///   that is not what the manifest says.
    public convenience init?(release: Release, threads: Int = 1) throws {
        guard let expected = release.manifest.projector else { return nil }
        try self.init(path: release.path(of: expected.file), threads: threads)
        guard input == expected.input, hidden == expected.hidden, output == expected.output else {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) goes from \(input) over \(hidden) to \(output); the "
                    + "manifest says \(expected.input), \(expected.hidden) and \(expected.output)")
        }
        for role in release.manifest.vectorRoles where !roles.contains(role.rawValue) {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) projects \(roles.joined(separator: ", ")); the "
                    + "manifest's prompts need \(role.rawValue) too")
        }
    }
}
