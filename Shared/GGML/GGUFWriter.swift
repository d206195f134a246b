internal import CGGML

/// Writes a GGUF version 3 file: metadata in the order set, tensors in the order added.
///
/// The same calls give the same bytes. The file appears complete or not at all.
public struct GGUFWriter: Sendable {
    /// How a tensor's values are stored.
    public enum Element: Sendable, Hashable {
        /// As they are.
        case float32
        /// Rounded to half precision; a value beyond ±65,504 is refused.
        case float16

        var type: ggml_type { self == .float32 ? GGML_TYPE_F32 : GGML_TYPE_F16 }
        var size: Int { self == .float32 ? 4 : 2 }
    }

    private struct Tensor: Sendable {
        let name: String
        let dimensions: [Int]
        let values: [Float]
        let element: Element
        var byteCount: Int { values.count * element.size }
    }

    private static let version: UInt32 = 3
    private static let alignment = 32
    private static let largestHalf: Float = 65_504

    private var pairs: [(key: String, value: GGUFValue)] = []
    private var tensors: [Tensor] = []

    /// Starts a file whose `general.architecture` is `architecture`.
    public init(architecture: String) {
        set("general.architecture", .string(architecture))
    }

    /// Sets a metadata pair; a key set before is replaced.
    ///
    /// `longArray` stands for values that were not kept and is refused by ``write(to:)``.
    public mutating func set(_ key: String, _ value: GGUFValue) {
        if let index = pairs.firstIndex(where: { $0.key == key }) {
            pairs[index].value = value
        } else {
            pairs.append((key, value))
        }
    }

    /// Adds a tensor; the first of `dimensions` varies fastest, so that the (out, in) row-major
    /// weight of a torch Linear has the dimensions [in, out].
    ///
    /// - Throws: `GGUFError` when the name is taken or too long, the shape does not fit the
    ///   values, or a value is not finite or too large for half precision.
    public mutating func add(
        tensor name: String, dimensions: [Int], values: [Float], as element: Element = .float32
    ) throws(GGUFError) {
        func refuse(_ message: String) -> GGUFError {
            GGUFError(
                code: .tensor, message: message, path: "tensor \(name)",
                advice: "correct the call that adds it")
        }
        guard !name.isEmpty, name.utf8.count <= GGUFLimits.maximumTensorNameBytes else {
            throw refuse("a name has 1 to \(GGUFLimits.maximumTensorNameBytes) bytes")
        }
        guard !tensors.contains(where: { $0.name == name }) else { throw refuse("added twice") }
        guard (1...GGUFLimits.maximumDimensions).contains(dimensions.count),
            dimensions.allSatisfy({ (1...max(1, values.count)).contains($0) }),
            dimensions.reduce(1, { $0.multipliedClamped(by: $1) }) == values.count
        else { throw refuse("\(values.count) values do not fill \(dimensions)") }
        let bound = element == .float16 ? Self.largestHalf : Float.greatestFiniteMagnitude
        guard values.allSatisfy({ abs($0) <= bound }) else {
            throw refuse("a value is not finite or beyond ±\(bound)")
        }
        tensors.append(
            Tensor(name: name, dimensions: dimensions, values: values, element: element))
    }

    /// Writes the file: beside `path` first, synced, then renamed.
    public func write(to path: String) throws(GGUFError) {
        var file = try AtomicFile(path: path)
        let head = try header(path: path)
        try file.write(head)
        try file.write(Self.padding(after: head.count))
        for tensor in tensors {
            try Self.write(tensor, to: &file)
            try file.write(Self.padding(after: tensor.byteCount))
        }
        try file.commit()
    }

    private func header(path: String) throws(GGUFError) -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        append(Self.version, to: &bytes)
        append(UInt64(tensors.count), to: &bytes)
        append(UInt64(pairs.count), to: &bytes)
        for (key, value) in pairs {
            append(key, to: &bytes)
            append(value.type.rawValue, to: &bytes)
            guard append(value, to: &bytes) else {
                throw GGUFError(
                    code: .metadata, message: "the array under \(key) has mixed or unknown values",
                    path: path, advice: "give values of one scalar type")
            }
        }
        var offset = 0
        for tensor in tensors {
            append(tensor.name, to: &bytes)
            append(UInt32(tensor.dimensions.count), to: &bytes)
            for dimension in tensor.dimensions { append(UInt64(dimension), to: &bytes) }
            append(tensor.element.type.rawValue, to: &bytes)
            append(UInt64(offset), to: &bytes)
            offset += tensor.byteCount + Self.padding(after: tensor.byteCount).count
        }
        return bytes
    }

    private static func write(_ tensor: Tensor, to file: inout AtomicFile) throws(GGUFError) {
        switch tensor.element {
        case .float32:
            // In parts, so that a large tensor is never copied whole.
            for start in stride(from: 0, to: tensor.values.count, by: 65_536) {
                let part = tensor.values[start..<min(start + 65_536, tensor.values.count)]
                try file.write(part.withUnsafeBytes { Array($0) })
            }
        case .float16:
            var halves = [ggml_fp16_t](repeating: 0, count: tensor.values.count)
            ggml_fp32_to_fp16_row(tensor.values, &halves, Int64(halves.count))
            try file.write(halves.withUnsafeBytes { Array($0) })
        }
    }

    private static func padding(after count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
    }
}

extension Int {
    /// The product, or the largest number where it does not fit.
    fileprivate func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}

/// Appends an integer, least significant byte first.
private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
}

private func append(_ text: String, to bytes: inout [UInt8]) {
    append(UInt64(text.utf8.count), to: &bytes)
    bytes.append(contentsOf: text.utf8)
}

/// Appends a value without its type; false for an array that cannot be stored.
private func append(_ value: GGUFValue, to bytes: inout [UInt8]) -> Bool {
    switch value {
    case .uint8(let number): append(number, to: &bytes)
    case .uint16(let number): append(number, to: &bytes)
    case .uint32(let number): append(number, to: &bytes)
    case .uint64(let number): append(number, to: &bytes)
    case .int8(let number): append(number, to: &bytes)
    case .int16(let number): append(number, to: &bytes)
    case .int32(let number): append(number, to: &bytes)
    case .int64(let number): append(number, to: &bytes)
    case .float32(let number): append(number.bitPattern, to: &bytes)
    case .float64(let number): append(number.bitPattern, to: &bytes)
    case .bool(let truth): bytes.append(truth ? 1 : 0)
    case .string(let text): append(text, to: &bytes)
    case .array(let values):
        let type = values.first?.type ?? .string
        guard type != .array, values.allSatisfy({ $0.type == type }) else { return false }
        append(type.rawValue, to: &bytes)
        append(UInt64(values.count), to: &bytes)
        return values.allSatisfy { append($0, to: &bytes) }
    case .longArray: return false
    }
    return true
}
