internal import CGGML

/// A storage type of ggml: its block layout and its way to float32.
struct TensorType: Sendable {
    let number: UInt32
    /// Values in a block; a row holds whole blocks.
    let blockSize: Int
    /// Bytes of a block.
    let blockBytes: Int

    /// Nil for a number that ggml does not know or no longer supports.
    init?(number: UInt32) {
        guard number < GGML_TYPE_COUNT.rawValue,
            let traits = ggml_get_type_traits(ggml_type(rawValue: number)),
            traits.pointee.blck_size > 0, traits.pointee.type_size > 0
        else { return nil }
        self.number = number
        blockSize = Int(traits.pointee.blck_size)
        blockBytes = traits.pointee.type_size
    }

    /// Whether ``dequantise(_:count:)`` knows the type.
    var isReadable: Bool {
        number == GGML_TYPE_F32.rawValue
            || ggml_get_type_traits(ggml_type(rawValue: number)).pointee.to_float != nil
    }

    /// Bytes of `count` values, which must be whole blocks.
    func byteCount(of count: Int) -> Int { count / blockSize * blockBytes }

    /// `count` values, whole blocks, from exactly their bytes.
    func dequantise(_ bytes: [UInt8], count: Int) -> [Float] {
        bytes.withUnsafeBytes { dequantise($0, count: count) }
    }

    /// `count` values, whole blocks, from exactly their bytes.
    func dequantise(_ bytes: UnsafeRawBufferPointer, count: Int) -> [Float] {
        precondition(bytes.count == byteCount(of: count), "bytes of another shape")
        return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            if number == GGML_TYPE_F32.rawValue {
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
            } else {
                let convert = ggml_get_type_traits(ggml_type(rawValue: number)).pointee.to_float
                convert?(bytes.baseAddress, buffer.baseAddress, Int64(count))
            }
            filled = count
        }
    }
}
