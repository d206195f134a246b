public import Domain
internal import Glibc

/// A release folder whose files were all checked against its manifest.
public struct Release: Sendable {
    static let manifestFile = "manifest.json"

    /// The folder.
    public let directory: String
    /// What its manifest says.
    public let manifest: ReleaseManifest
    /// SHA-256 of manifest.json: the identity of the release, as it covers every other hash.
    public let manifestSHA256: [UInt8]
    /// The manifest letter by letter, as hashed.
    public let manifestJSON: String
    /// Its items.
    public let vocabulary: ItemVocabulary

    /// How other services name this release.
    public var reference: ReleaseReference {
        ReleaseReference(name: manifest.name, manifestSHA256: manifestSHA256)
    }

    /// Opens a folder: reads the manifest, compares the SHA-256 of every file, loads the
    /// vocabulary and compares the counts.
    ///
    /// - Throws: `ReleaseError`; nothing of a faulty release is ever used.
    public init(directory: String) throws(ReleaseError) {
        let limit = ReleaseLimits.maximumManifestBytes
        let bytes = try ReleaseFile(
            path: "\(directory)/\(Self.manifestFile)", maximumBytes: limit
        ).contents(maximumBytes: limit)
        let manifest = try ReleaseManifest(encoded: bytes)
        for file in manifest.files where file.name != manifest.vocabulary.file {
            let opened = try ReleaseFile(
                path: "\(directory)/\(file.name)", maximumBytes: file.limit)
            try Self.compare(try opened.sha256(), file.sha256, file.name)
        }
        let vocabularyLimit = ReleaseLimits.maximumVocabularyBytes
        let lines = try ReleaseFile(
            path: "\(directory)/\(manifest.vocabulary.file)", maximumBytes: vocabularyLimit
        ).contents(maximumBytes: vocabularyLimit)
        try Self.compare(
            sha256(of: lines), manifest.vocabulary.sha256, manifest.vocabulary.file)
        let vocabulary = try ItemVocabulary(encoded: lines)
        guard vocabulary.count == manifest.vocabulary.itemCount else {
            throw ReleaseError(
                code: .inconsistent,
                message: "the vocabulary has \(vocabulary.count) items, the manifest says "
                    + "\(manifest.vocabulary.itemCount)")
        }
        self.directory = directory
        self.manifest = manifest
        self.manifestSHA256 = sha256(of: bytes)
        self.manifestJSON = String(decoding: bytes, as: UTF8.self)
        self.vocabulary = vocabulary
    }

    /// Path of one of the manifest's files.
    public func path(of file: String) -> String { "\(directory)/\(file)" }

    /// Opens every release of a folder, by folder name; the first is the active one.
    ///
    /// A folder that is itself a release gives that one. Hidden folders, as a writer leaves them
    /// while it works, do not count.
    ///
    /// - Throws: `ReleaseError` for the first faulty release, for none at all, and for more than
    ///   ``ReleaseLimits/maximumReleases``.
    public static func findAll(in directory: String) throws(ReleaseError) -> [Release] {
        if access("\(directory)/\(manifestFile)", F_OK) == 0 {
            return [try Release(directory: directory)]
        }
        var releases: [Release] = []
        for name in try entries(of: directory)
        where access("\(directory)/\(name)/\(manifestFile)", F_OK) == 0 {
            guard releases.count < ReleaseLimits.maximumReleases else {
                throw ReleaseError(
                    code: .tooLarge,
                    message: "more than \(ReleaseLimits.maximumReleases) releases in a folder",
                    advice: "remove those that are no longer served")
            }
            releases.append(try Release(directory: "\(directory)/\(name)"))
        }
        guard !releases.isEmpty else {
            throw ReleaseError(
                code: .unreadable, message: "no release in \(directory)",
                advice: "give a folder that holds \(manifestFile) or folders with one")
        }
        return releases
    }

    private static func entries(of directory: String) throws(ReleaseError) -> [String] {
        guard let stream = opendir(directory) else {
            throw ReleaseError(
                code: .unreadable,
                message: "\(directory) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    private static func compare(
        _ actual: [UInt8], _ expected: [UInt8], _ file: String
    ) throws(ReleaseError) {
        guard actual == expected else {
            throw ReleaseError(
                code: .hashMismatch, message: "the SHA-256 of \(file) is not the manifest's")
        }
    }
}
