import Glibc

/// The lines of a file or of standard input, one after the other, whatever its size.
final class LineReader {
    private static let chunkBytes = 64 << 10

    /// Where the lines come from, for messages.
    let name: String
    /// Number of the line that ``next()`` gave last, from 1.
    private(set) var lineNumber = 0
    private let descriptor: Int32
    private let maximumLineBytes: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: ``CommandError`` when the file cannot be opened.
    init(path: String, maximumLineBytes: Int = CommandLimits.maximumLineBytes) throws {
        name = path == "-" ? "standard input" : path
        self.maximumLineBytes = maximumLineBytes
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError(
                .notFound, "\(path) cannot be read: \(String(cString: strerror(errno)))",
                advice: "name a file that is there, or - for standard input")
        }
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// The next line without its end, nil after the last.
    ///
    /// - Throws: ``CommandError`` naming a line that is too long or no UTF-8, or a failed read.
    func next() throws -> String? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return try line(upTo: end)
            }
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                return try line(upTo: buffer.count)
            }
            guard buffer.count - start <= maximumLineBytes else { throw tooLong }
            searched = buffer.count - start
            try read()
        }
    }

    private func line(upTo end: Int) throws -> String {
        guard end - start <= maximumLineBytes else { throw tooLong }
        lineNumber += 1
        var bytes = buffer[start..<end]
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(
                .badData, "\(name), line \(lineNumber): is not UTF-8",
                advice: "convert it, such as with iconv -t UTF-8")
        }
        return text
    }

    private var tooLong: CommandError {
        CommandError(
            .badData, "\(name), line \(lineNumber + 1): has more than \(maximumLineBytes) bytes",
            advice: "write one object on each line")
    }

    /// Drops what was given out and reads on.
    private func read() throws {
        buffer.removeFirst(start)
        start = 0
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.chunkBytes))
        var count = -1
        repeat {
            count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress! + old, Self.chunkBytes)
            }
        } while count < 0 && errno == EINTR
        buffer.removeLast(Self.chunkBytes - max(0, count))
        isAtEnd = count == 0
        guard count >= 0 else {
            throw CommandError(
                .notFound, "\(name) cannot be read: \(String(cString: strerror(errno)))",
                advice: "name a file that is there, or - for standard input")
        }
    }
}
