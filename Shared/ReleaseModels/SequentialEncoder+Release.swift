public import GGML
public import Releases

extension SequentialEncoder {
    /// Loads a release's encoder and compares its design and sizes with the manifest.
    ///
    /// - Parameters: as those of ``SequentialEncoder/init(path:threads:maximumWaiting:)``.
    /// - Throws: `GGUFError` for a faulty file, `ComputeError` when memory does not suffice,
    ///   `ReleaseError` of code `inconsistent` for a file that is not what the manifest says.
    public convenience init(
        release: Release, threads: Int = 1, maximumWaiting: Int = ComputeLimits.maximumWaiting
    ) throws {
        let expected = release.manifest.encoder
        try self.init(
            path: release.path(of: expected.file), threads: threads,
            maximumWaiting: maximumWaiting)
        let architecture = configuration.architecture.rawValue
        guard architecture == expected.model else {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) is of the architecture \(architecture); the manifest "
                    + "says \(expected.model)")
        }
        guard dimension == expected.dimension, window == expected.window,
            itemCount == expected.itemCount
        else {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) has \(itemCount) items of width \(dimension) and "
                    + "window \(window); the manifest says \(expected.itemCount), "
                    + "\(expected.dimension) and \(expected.window)")
        }
        // The projector takes rows and states of one width.
        guard !release.manifest.usesUserState || stateDimension == dimension else {
            throw ReleaseError(
                code: .inconsistent,
                message: "\(expected.file) has user states of width \(stateDimension), the "
                    + "projector takes \(dimension); prompt.user_state cannot be served")
        }
    }
}
