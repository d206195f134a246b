internal import Glibc

/// Writes a release folder that appears complete or not at all.
///
/// Files are written into a hidden folder beside the destination; ``finish(_:)`` hashes them,
/// writes the manifest, opens the result as a reader would, and renames it into place.
public struct ReleaseWriter: Sendable {
    /// The folder that appears at the end.
    public let destination: String
    /// The folder to write into until then.
    public let temporaryDirectory: String

    /// Starts a release at `destination`, which must not exist, in a folder that does.
    public init(destination: String) throws(ReleaseError) {
        var trimmed = destination
        while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard access(trimmed, F_OK) != 0 else {
            throw ReleaseError(code: .exists, message: "\(trimmed) exists already")
        }
        let slash = trimmed.lastIndex(of: "/")
        let parent = slash.map { trimmed[...$0] } ?? ""
        let name = slash.map { trimmed[trimmed.index(after: $0)...] } ?? trimmed[...]
        self.destination = trimmed
        temporaryDirectory =
            "\(parent).\(name).partial-\(getpid())-\(UInt32.random(in: .min ... .max))"
        guard mkdir(temporaryDirectory, 0o755) == 0 else {
            throw Self.failure("\(temporaryDirectory) cannot be made")
        }
    }

    /// Where to write a file of the release.
    public func path(of file: String) -> String { "\(temporaryDirectory)/\(file)" }

    /// Writes the vocabulary's file.
    public func write(
        _ vocabulary: ItemVocabulary, file: String = "vocabulary.tsv"
    ) throws(ReleaseError) {
        try write(vocabulary.encoded(), to: file)
    }

    /// Fills the hash of every file into `manifest`, writes it, checks the whole as a reader
    /// does, and renames the folder into place.
    ///
    /// - Returns: the release, opened.
    /// - Throws: `ReleaseError`; the temporary folder then stays for a look, see ``abandon()``.
    public func finish(_ manifest: ReleaseManifest) throws(ReleaseError) -> Release {
        var complete = manifest
        complete.encoder.sha256 = try hash(manifest.encoder.file)
        if let projector = manifest.projector {
            complete.projector?.sha256 = try hash(projector.file)
        }
        for (index, adapter) in manifest.adapters.enumerated() {
            complete.adapters[index].sha256 = try hash(adapter.file)
        }
        complete.vocabulary.sha256 = try hash(manifest.vocabulary.file)
        try complete.validate()
        try write(try complete.encoded(), to: Release.manifestFile)
        _ = try Release(directory: temporaryDirectory)
        syncFolder(temporaryDirectory)
        guard rename(temporaryDirectory, destination) == 0 else {
            throw Self.failure("\(destination) cannot be put into place")
        }
        syncFolder("\(destination)/..")
        return try Release(directory: destination)
    }

    /// Removes the temporary folder and the files in it.
    public func abandon() {
        guard let stream = opendir(temporaryDirectory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            unlink("\(temporaryDirectory)/\(name)")
        }
        rmdir(temporaryDirectory)
    }

    /// Brings names to the disk; not every file system knows how, so a failure is none of ours.
    private func syncFolder(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private func hash(_ file: String) throws(ReleaseError) -> [UInt8] {
        // Checked here too: an unsafe name must not be opened, not even to be hashed.
        guard ReleaseLimits.isSafeName(file) else {
            throw ReleaseError(code: .unsafeName, message: "a file name is not allowed")
        }
        return try sha256(ofFile: path(of: file))
    }

    private func write(_ bytes: [UInt8], to file: String) throws(ReleaseError) {
        guard ReleaseLimits.isSafeName(file) else {
            throw ReleaseError(code: .unsafeName, message: "a file name is not allowed")
        }
        let descriptor = open(path(of: file), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("\(file) cannot be made") }
        defer { close(descriptor) }
        var start = 0
        while start < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("\(file) cannot be written") }
            start += written
        }
        guard fsync(descriptor) == 0 else { throw Self.failure("\(file) cannot be synced") }
    }

    private static func failure(_ what: String) -> ReleaseError {
        ReleaseError(
            code: .unwritable, message: "\(what): \(String(cString: strerror(errno)))")
    }
}
