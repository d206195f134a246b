internal import Glibc

/// An open file that is read at given places; reading past its size at opening is an error.
final class InputFile: Sendable {
    let path: String
    let size: Int
    private let descriptor: Int32

    init(path: String) throws(GGUFError) {
        self.path = path
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw Self.failure(path) }
        var status = stat()
        let isFile = fstat(opened, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard isFile else {
            close(opened)
            throw GGUFError(code: .unreadable, message: "not a file", path: path)
        }
        descriptor = opened
        size = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills `buffer` with the bytes from `offset` on.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(GGUFError) {
        guard offset >= 0, offset <= size, buffer.count <= size - offset else {
            throw GGUFError(
                code: .malformed, message: "it ends before byte \(offset + buffer.count)",
                path: path)
        }
        var start = 0
        while start < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress! + start, buffer.count - start, offset + start)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            start += count
        }
    }

    private static func failure(_ path: String) -> GGUFError {
        GGUFError(
            code: .unreadable, message: "cannot be read: \(String(cString: strerror(errno)))",
            path: path)
    }
}
