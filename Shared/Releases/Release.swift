public import Domain

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

    /// Number of its files beside the manifest.
    public var fileCount: Int { manifest.files.count }

    /// Path of one of the manifest's files.
    public func path(of file: String) -> String { "\(directory)/\(file)" }

    /// Opens the releases that one process serves side by side, in the order given.
    ///
    /// - Throws: `ReleaseError` for the first faulty folder, for more than
    ///   ``ReleaseLimits/maximumReleases``, and for two releases of one identity or one name, as
    ///   a request could not tell them apart.
    public static func open(directories: [String]) throws(ReleaseError) -> [Release] {
        guard directories.count <= ReleaseLimits.maximumReleases else {
            throw ReleaseError(
                code: .tooLarge,
                message: "\(directories.count) releases side by side, allowed are "
                    + "\(ReleaseLimits.maximumReleases)",
                advice: "leave out those that are no longer asked for")
        }
        var releases: [Release] = []
        for directory in directories {
            let release = try Release(directory: directory)
            if let other = releases.first(where: { $0.manifest.name == release.manifest.name }) {
                throw clash(release, other)
            }
            releases.append(release)
        }
        return releases
    }

    private static func clash(_ release: Release, _ other: Release) -> ReleaseError {
        let isSame = release.manifestSHA256 == other.manifestSHA256
        return ReleaseError(
            code: .clash,
            message: "\(other.directory) and \(release.directory) "
                + (isSame
                    ? "hold the same release \(release.reference)"
                    : "are two releases of one name: \(other.reference), \(release.reference)"),
            advice: isSame ? "give each release once" : "build one of them under another name")
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
