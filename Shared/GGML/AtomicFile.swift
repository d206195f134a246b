internal import Glibc

/// A file that appears under its name complete or not at all: written beside it, synced, renamed.
struct AtomicFile: ~Copyable {
    /// Bytes gathered before a write.
    private static let bufferBytes = 1 << 20

    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(path: String) throws(GGUFError) {
        self.path = path
        temporaryPath = "\(path).partial-\(getpid())-\(UInt32.random(in: .min ... .max))"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure("cannot be created", path) }
        buffer.reserveCapacity(Self.bufferBytes)
    }

    deinit {
        // After `commit` the name is gone, and unlink has nothing to remove.
        close(descriptor)
        unlink(temporaryPath)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(GGUFError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    mutating func write(_ bytes: [UInt8]) throws(GGUFError) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Makes the file appear; it and its folder are on the disk when this returns.
    mutating func commit() throws(GGUFError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot be synced", path) }
        guard rename(temporaryPath, path) == 0 else {
            throw Self.failure("cannot be renamed into place", path)
        }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folderDescriptor >= 0 else { return }
        fsync(folderDescriptor)
        close(folderDescriptor)
    }

    private mutating func flush() throws(GGUFError) {
        var start = 0
        while start < buffer.count {
            let written = buffer.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start)
            }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure("cannot be written", path) }
            start += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func failure(_ what: String, _ path: String) -> GGUFError {
        GGUFError(
            code: .unwritable, message: "\(what): \(String(cString: strerror(errno)))", path: path)
    }
}
