internal import CGGML

/// A GGUF file whose head was checked in full: counts, lengths, types, shapes, offsets, sizes.
///
/// The head is walked by code of our own and never handed to ggml's loader, which aborts the
/// process on some hostile files. What passes here also satisfies every rule that ggml's loader
/// trusts, so that opening a file this way is a check to run before llama.cpp loads it.
public final class GGUFFile: Sendable {
    /// Where a tensor lies and what it looks like.
    public struct TensorInfo: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its shape, 1 to 4 sides, the first varies fastest.
        public let dimensions: [Int]
        /// Number of its type in ggml's `enum ggml_type`.
        public let typeNumber: UInt32
        /// Its place in the file.
        public let offset: Int
        /// Its length in the file.
        public let byteCount: Int

        /// Number of its values.
        public var elementCount: Int { dimensions.reduce(1, *) }
    }

    /// Path of the file.
    public let path: String
    /// Metadata by key.
    public let metadata: [String: GGUFValue]
    /// Tensors by name.
    public let tensors: [String: TensorInfo]
    private let file: InputFile

    /// Opens a file and checks its head; tensor data is read later.
    ///
    /// - Throws: `GGUFError` naming what is wrong; limits are those of ``GGUFLimits``.
    public init(path: String) throws(GGUFError) {
        let file = try InputFile(path: path)
        var walker = GGUFHeaderWalker(file: file)
        try walker.walk()
        self.path = path
        self.file = file
        metadata = walker.metadata
        tensors = walker.tensors
    }

    /// `general.architecture`, compared with what the caller can run.
    public func requireArchitecture(_ expected: String) throws(GGUFError) {
        let actual = try text("general.architecture")
        guard actual == expected else {
            throw failure(.metadata, "its architecture is \(actual), needed is \(expected)")
        }
    }

    /// A whole number from 0 to `limit` of any integer type.
    public func count(_ key: String, atMost limit: Int) throws(GGUFError) -> Int {
        guard let value = metadata[key]?.count else {
            throw failure(.metadata, "\(key) is absent or not a whole number")
        }
        guard value <= limit else {
            throw failure(.limitExceeded, "\(key) is \(value), allowed is \(limit)")
        }
        return value
    }

    /// A finite number stored as float32 or float64.
    public func number(_ key: String) throws(GGUFError) -> Float {
        let value: Float? =
            switch metadata[key] {
            case .float32(let value): value
            case .float64(let value): Float(value)
            default: nil
            }
        guard let value, value.isFinite else {
            throw failure(.metadata, "\(key) is absent or not a finite number")
        }
        return value
    }

    /// A truth value.
    public func flag(_ key: String) throws(GGUFError) -> Bool {
        guard case .bool(let value) = metadata[key] else {
            throw failure(.metadata, "\(key) is absent or not a truth value")
        }
        return value
    }

    /// A text.
    public func text(_ key: String) throws(GGUFError) -> String {
        guard case .string(let value) = metadata[key] else {
            throw failure(.metadata, "\(key) is absent or not a text")
        }
        return value
    }

    /// An array of texts.
    public func texts(_ key: String) throws(GGUFError) -> [String] {
        guard case .array(let values) = metadata[key] else {
            throw failure(.metadata, "\(key) is absent or not an array of texts")
        }
        var texts: [String] = []
        for value in values {
            guard case .string(let text) = value else {
                throw failure(.metadata, "\(key) is not an array of texts")
            }
            texts.append(text)
        }
        return texts
    }

    /// An array of whole numbers from 0 to `limit`, of any integer types.
    func counts(_ key: String, atMost limit: Int) throws(GGUFError) -> [Int] {
        guard case .array(let values) = metadata[key] else {
            throw failure(.metadata, "\(key) is absent or not an array of whole numbers")
        }
        var counts: [Int] = []
        for value in values {
            guard let count = value.count else {
                throw failure(.metadata, "\(key) is not an array of whole numbers")
            }
            guard count <= limit else {
                throw failure(.limitExceeded, "\(key) has \(count), allowed is \(limit)")
            }
            counts.append(count)
        }
        return counts
    }

    /// A tensor of just this shape.
    public func tensor(_ name: String, dimensions: [Int]) throws(GGUFError) -> TensorInfo {
        guard let info = tensors[name] else { throw failure(.tensor, "it has no \(name)") }
        guard info.dimensions == dimensions else {
            throw failure(
                .tensor, "\(name) has the shape \(info.dimensions), needed is \(dimensions)")
        }
        return info
    }

    /// The values of a tensor as float32, whatever its stored type; the first side varies fastest.
    ///
    /// - Throws: `GGUFError` also when a value is not finite.
    public func values(of name: String, dimensions: [Int]) throws(GGUFError) -> [Float] {
        let info = try tensor(name, dimensions: dimensions)
        let type = try tensorType(of: info)
        let values = type.dequantise(try bytes(of: info), count: info.elementCount)
        guard Self.areFinite(values) else {
            throw failure(.tensor, "\(name) holds a value that is not finite")
        }
        return values
    }

    /// Whether every value is finite, sixteen at a time: models have a hundred million.
    private static func areFinite(_ values: [Float]) -> Bool {
        values.withUnsafeBytes { bytes in
            var sum = SIMD16<Float>.zero
            let blocks = values.count / 16
            // 0 times a number is 0; times NaN or infinity it is NaN, and stays.
            for block in 0..<blocks {
                sum += bytes.loadUnaligned(fromByteOffset: block * 64, as: SIMD16<Float>.self) * 0
            }
            return sum == .zero && values[(blocks * 16)...].allSatisfy(\.isFinite)
        }
    }

    /// The bytes of a tensor as stored.
    func bytes(of info: TensorInfo) throws(GGUFError) -> [UInt8] {
        // The closure cannot carry the typed error out, so it comes as a value.
        var outcome: Result<Void, GGUFError> = .success(())
        let bytes = [UInt8](unsafeUninitializedCapacity: info.byteCount) { buffer, count in
            outcome = Result { () throws(GGUFError) in
                try file.read(into: UnsafeMutableRawBufferPointer(buffer), at: info.offset)
            }
            if case .success = outcome { count = info.byteCount }
        }
        try outcome.get()
        return bytes
    }

    /// How to read a tensor's values.
    func tensorType(of info: TensorInfo) throws(GGUFError) -> TensorType {
        guard let type = TensorType(number: info.typeNumber), type.isReadable else {
            throw failure(.unsupported, "\(info.name) has a type that cannot be read as float32")
        }
        return type
    }

    /// An error about this file.
    func failure(_ code: GGUFError.Code, _ message: String) -> GGUFError {
        GGUFError(code: code, message: message, path: path)
    }
}
