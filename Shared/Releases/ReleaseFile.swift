internal import Crypto
internal import Glibc

/// The SHA-256 of a file, 32 bytes, read in parts of a mebibyte.
public func sha256(ofFile path: String) throws(ReleaseError) -> [UInt8] {
    let file = try ReleaseFile(path: path, maximumBytes: .max)
    return try file.sha256()
}

/// An open file of a release.
struct ReleaseFile: ~Copyable {
    private static let partBytes = 1 << 20

    private let name: String
    private let descriptor: Int32

    /// Opens a regular file of at most `maximumBytes`.
    init(path: String, maximumBytes: Int) throws(ReleaseError) {
        name = path.split(separator: "/").last.map(String.init) ?? path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Self.unreadable(name)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(name) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ReleaseError(code: .unreadable, message: "\(name) is not a file")
        }
        guard status.st_size <= maximumBytes else {
            throw ReleaseError(
                code: .tooLarge,
                message: "\(name) has \(status.st_size) bytes, allowed are \(maximumBytes)")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// All bytes; a file that grows while it is read stays within the limit checked at opening
    /// by at most one part.
    func contents(maximumBytes: Int) throws(ReleaseError) -> [UInt8] {
        var bytes: [UInt8] = []
        try forEachPart { (part) throws(ReleaseError) in
            guard bytes.count + part.count <= maximumBytes else {
                throw ReleaseError(code: .tooLarge, message: "\(name) grew while it was read")
            }
            bytes.append(contentsOf: part)
        }
        return bytes
    }

    func sha256() throws(ReleaseError) -> [UInt8] {
        var hash = SHA256()
        try forEachPart { (part) throws(ReleaseError) in
            part.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        return Array(hash.finalize())
    }

    private func forEachPart(
        _ body: (ArraySlice<UInt8>) throws(ReleaseError) -> Void
    ) throws(ReleaseError) {
        var part = [UInt8](repeating: 0, count: Self.partBytes)
        while true {
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw Self.unreadable(name) }
            if count == 0 { return }
            try body(part[..<count])
        }
    }

    private static func unreadable(_ name: String) -> ReleaseError {
        ReleaseError(
            code: .unreadable,
            message: "\(name) cannot be read: \(String(cString: strerror(errno)))")
    }
}

/// SHA-256 of bytes in memory.
package func sha256(of bytes: some Sequence<UInt8>) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: Array(bytes))
    return Array(hash.finalize())
}
