/// Walks the head of a GGUF file; every length is compared with the bytes that are left before
/// anything is read or allocated for it.
struct HeaderCursor {
    private static let partBytes = 1 << 18

    let file: InputFile
    /// Place of the next byte.
    private(set) var position = 0
    private let end: Int
    private var part: [UInt8] = []
    private var partStart = 0

    init(file: InputFile) {
        self.file = file
        end = min(file.size, GGUFLimits.maximumHeaderBytes)
    }

    /// The next little-endian integer.
    mutating func integer<Value: FixedWidthInteger>(
        _ type: Value.Type, _ what: @autoclosure () -> String
    ) throws(GGUFError) -> Value {
        let size = MemoryLayout<Value>.size
        try require(size, what())
        try fill(size)
        let start = position - partStart
        var value: Value = 0
        for index in (0..<size).reversed() {
            value =
                Value(truncatingIfNeeded: UInt64(truncatingIfNeeded: value) << 8)
                | Value(truncatingIfNeeded: part[start + index])
        }
        position += size
        return value
    }

    /// The next 64-bit count, at most `limit`.
    mutating func count(
        _ what: @autoclosure () -> String, atMost limit: Int
    ) throws(GGUFError) -> Int {
        let value = try integer(UInt64.self, what())
        guard value <= UInt64(limit) else {
            throw failure(.limitExceeded, "\(what()) is \(value), allowed are \(limit)")
        }
        return Int(value)
    }

    /// The next length-prefixed bytes, at most `limit`.
    mutating func bytes(
        _ what: @autoclosure () -> String, atMost limit: Int
    ) throws(GGUFError) -> [UInt8] {
        let length = try count("length of \(what())", atMost: limit)
        try require(length, what())
        if length <= Self.partBytes {
            try fill(length)
            defer { position += length }
            return Array(part[(position - partStart)..<(position - partStart + length)])
        }
        var bytes = [UInt8](repeating: 0, count: length)
        try read(into: &bytes, at: position)
        position += length
        return bytes
    }

    /// Passes over `length` bytes.
    mutating func skip(_ length: Int, _ what: @autoclosure () -> String) throws(GGUFError) {
        try require(length, what())
        position += length
    }

    /// Throws unless `length` more bytes are there.
    func require(_ length: Int, _ what: @autoclosure () -> String) throws(GGUFError) {
        guard length <= end - position else {
            throw end < file.size
                ? failure(.limitExceeded, "its head is longer than \(end) bytes")
                : failure(.malformed, "it ends inside \(what())")
        }
    }

    /// An error about this file.
    func failure(_ code: GGUFError.Code, _ message: String) -> GGUFError {
        GGUFError(code: code, message: message, path: file.path)
    }

    /// Makes sure that the next `length` bytes, which exist, lie in the part.
    private mutating func fill(_ length: Int) throws(GGUFError) {
        let offset = position - partStart
        guard offset + length > part.count else { return }
        var next = [UInt8](repeating: 0, count: min(Self.partBytes, end - position))
        try read(into: &next, at: position)
        part = next
        partStart = position
    }

    private func read(into bytes: inout [UInt8], at offset: Int) throws(GGUFError) {
        // The closure cannot carry the typed error out, so it comes as a value.
        let outcome = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(GGUFError) in try file.read(into: buffer, at: offset) }
        }
        try outcome.get()
    }
}
