/// Bytes of a GGUF file put together field by field, right or wrong.
struct RawGGUF {
    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    var tensorCount: UInt64?
    var pairCount: UInt64?
    var pairs: [[UInt8]] = []
    var tensors: [[UInt8]] = []
    var data: [UInt8] = []
    var isPadded = true

    var bytes: [UInt8] {
        var bytes = magic + Self.little(version)
        bytes += Self.little(tensorCount ?? UInt64(tensors.count))
        bytes += Self.little(pairCount ?? UInt64(pairs.count))
        for part in pairs + tensors { bytes += part }
        if isPadded { bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32) }
        return bytes + data
    }

    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func text(_ text: String) -> [UInt8] {
        little(UInt64(text.utf8.count)) + Array(text.utf8)
    }

    static func pair(_ key: String, type: UInt32, _ value: [UInt8]) -> [UInt8] {
        text(key) + little(type) + value
    }

    static func tensor(
        _ name: String, _ sides: [UInt64], type: UInt32 = 0, offset: UInt64 = 0
    ) -> [UInt8] {
        text(name) + little(UInt32(sides.count)) + sides.flatMap { little($0) } + little(type)
            + little(offset)
    }
}
