/// Reads and checks everything before the tensor data.
struct GGUFHeaderWalker {
    private static let magic = Array("GGUF".utf8)
    private static let versions: ClosedRange<UInt32> = 2...3
    private static let defaultAlignment = 32
    private static let alignmentKey = "general.alignment"

    private(set) var metadata: [String: GGUFValue] = [:]
    private(set) var tensors: [String: GGUFFile.TensorInfo] = [:]
    private var cursor: HeaderCursor
    private let fileSize: Int

    init(file: InputFile) {
        cursor = HeaderCursor(file: file)
        fileSize = file.size
    }

    mutating func walk() throws(GGUFError) {
        for byte in Self.magic where try cursor.integer(UInt8.self, "the magic") != byte {
            throw cursor.failure(.malformed, "it does not begin with GGUF")
        }
        let version = try cursor.integer(UInt32.self, "the version")
        guard Self.versions.contains(version) else {
            let isSwapped = Self.versions.contains(version.byteSwapped)
            throw cursor.failure(
                .unsupported, isSwapped ? "it is big-endian" : "it has version \(version)")
        }
        let tensorCount = try cursor.count(
            "the number of tensors", atMost: GGUFLimits.maximumTensors)
        let pairCount = try cursor.count(
            "the number of metadata pairs", atMost: GGUFLimits.maximumPairs)
        for _ in 0..<pairCount { try readPair() }
        let alignment = try readAlignment()
        var infos: [GGUFFile.TensorInfo] = []
        var dataSize = 0
        for _ in 0..<tensorCount {
            let info = try readTensor(expectedOffset: dataSize)
            guard tensors.updateValue(info, forKey: info.name) == nil else {
                throw cursor.failure(.malformed, "two tensors have one name")
            }
            infos.append(info)
            // A tensor is at most 2^40 values of 8 bytes and there are at most 2^16: no overflow.
            dataSize = padded(dataSize + info.byteCount, to: alignment)
        }
        try placeTensors(infos, alignment: alignment)
    }

    /// Turns offsets into the data into places in the file, and checks that they are there.
    private mutating func placeTensors(
        _ infos: [GGUFFile.TensorInfo], alignment: Int
    ) throws(GGUFError) {
        let start = padded(cursor.position, to: alignment)
        for info in infos {
            guard start <= fileSize, info.byteCount <= fileSize - start,
                info.offset <= fileSize - start - info.byteCount
            else {
                throw cursor.failure(.malformed, "it ends inside tensor \(info.name)")
            }
            tensors[info.name] = GGUFFile.TensorInfo(
                name: info.name, dimensions: info.dimensions, typeNumber: info.typeNumber,
                offset: start + info.offset, byteCount: info.byteCount)
        }
    }

    private func readAlignment() throws(GGUFError) -> Int {
        guard let value = metadata[Self.alignmentKey] else { return Self.defaultAlignment }
        guard case .uint32(let number) = value, number.nonzeroBitCount == 1,
            number <= GGUFLimits.maximumAlignment
        else {
            throw cursor.failure(
                .malformed,
                "\(Self.alignmentKey) is not a power of two up to "
                    + "\(GGUFLimits.maximumAlignment)")
        }
        return Int(number)
    }

    private func padded(_ value: Int, to alignment: Int) -> Int {
        (value + alignment - 1) / alignment * alignment
    }

    private mutating func readTensor(
        expectedOffset: Int
    ) throws(GGUFError) -> GGUFFile.TensorInfo {
        let name = try readName("a tensor's name", atMost: GGUFLimits.maximumTensorNameBytes)
        let sides = try cursor.integer(UInt32.self, "tensor \(name)")
        guard (1...UInt32(GGUFLimits.maximumDimensions)).contains(sides) else {
            throw cursor.failure(.malformed, "tensor \(name) has \(sides) dimensions")
        }
        var dimensions: [Int] = []
        var elements = 1
        for _ in 0..<sides {
            let side = try cursor.count(
                "a side of tensor \(name)", atMost: GGUFLimits.maximumTensorElements)
            let (product, overflow) = elements.multipliedReportingOverflow(by: side)
            guard side > 0, !overflow, product <= GGUFLimits.maximumTensorElements else {
                throw cursor.failure(
                    .limitExceeded, "tensor \(name) has no or too many values")
            }
            elements = product
            dimensions.append(side)
        }
        let typeNumber = try cursor.integer(UInt32.self, "tensor \(name)")
        guard let type = TensorType(number: typeNumber) else {
            throw cursor.failure(.unsupported, "tensor \(name) has the unknown type \(typeNumber)")
        }
        guard dimensions[0].isMultiple(of: type.blockSize) else {
            throw cursor.failure(.malformed, "tensor \(name) has rows of broken blocks")
        }
        // ggml's loader wants tensors one after another, so any other offset is refused too.
        let offset = try cursor.integer(UInt64.self, "tensor \(name)")
        guard offset == UInt64(expectedOffset) else {
            throw cursor.failure(
                .malformed, "tensor \(name) lies at \(offset) where \(expectedOffset) belongs")
        }
        return GGUFFile.TensorInfo(
            name: name, dimensions: dimensions, typeNumber: typeNumber, offset: expectedOffset,
            byteCount: type.byteCount(of: elements))
    }

    private mutating func readPair() throws(GGUFError) {
        let key = try readName("a key", atMost: GGUFLimits.maximumKeyBytes)
        let type = try readType(key)
        let value = type == .array ? try readArray(key) : try readScalar(type, key)
        guard metadata.updateValue(value, forKey: key) == nil else {
            throw cursor.failure(.malformed, "the key \(key) is there twice")
        }
    }

    private mutating func readName(
        _ what: String, atMost limit: Int
    ) throws(GGUFError) -> String {
        let bytes = try cursor.bytes(what, atMost: limit)
        guard !bytes.isEmpty, !bytes.contains(0),
            let name = String(validating: bytes, as: UTF8.self)
        else {
            throw cursor.failure(.malformed, "\(what) is empty, not UTF-8 or holds a zero byte")
        }
        return name
    }

    private mutating func readType(_ key: String) throws(GGUFError) -> GGUFType {
        let number = try cursor.integer(UInt32.self, key)
        guard let type = GGUFType(rawValue: number) else {
            throw cursor.failure(.malformed, "the value of \(key) has the unknown type \(number)")
        }
        return type
    }

    private mutating func readArray(_ key: String) throws(GGUFError) -> GGUFValue {
        let type = try readType(key)
        guard type != .array else {
            throw cursor.failure(.unsupported, "\(key) is an array of arrays")
        }
        let count = try cursor.count(
            "the length of \(key)", atMost: GGUFLimits.maximumArrayElements)
        // Eight bytes of length is the least that a string takes.
        try cursor.require(count * (type.fixedSize ?? 8), key)
        if count <= GGUFLimits.maximumKeptArrayElements {
            var values: [GGUFValue] = []
            for _ in 0..<count { values.append(try readScalar(type, key)) }
            return .array(values)
        }
        if let size = type.fixedSize {
            try cursor.skip(count * size, key)
        } else {
            for _ in 0..<count {
                let length = try cursor.count(
                    "a text of \(key)", atMost: GGUFLimits.maximumStringBytes)
                try cursor.skip(length, key)
            }
        }
        return .longArray(count: count)
    }

    private mutating func readScalar(
        _ type: GGUFType, _ key: String
    ) throws(GGUFError) -> GGUFValue {
        switch type {
        case .uint8: .uint8(try cursor.integer(UInt8.self, key))
        case .uint16: .uint16(try cursor.integer(UInt16.self, key))
        case .uint32: .uint32(try cursor.integer(UInt32.self, key))
        case .uint64: .uint64(try cursor.integer(UInt64.self, key))
        case .int8: .int8(try cursor.integer(Int8.self, key))
        case .int16: .int16(try cursor.integer(Int16.self, key))
        case .int32: .int32(try cursor.integer(Int32.self, key))
        case .int64: .int64(try cursor.integer(Int64.self, key))
        case .float32:
            .float32(Float(bitPattern: try cursor.integer(UInt32.self, key)))
        case .float64:
            .float64(Double(bitPattern: try cursor.integer(UInt64.self, key)))
        case .bool: .bool(try readBool(key))
        case .string:
            .string(
                String(
                    decoding: try cursor.bytes(key, atMost: GGUFLimits.maximumStringBytes),
                    as: UTF8.self))
        case .array: throw cursor.failure(.unsupported, "\(key) is an array of arrays")
        }
    }

    private mutating func readBool(_ key: String) throws(GGUFError) -> Bool {
        let byte = try cursor.integer(UInt8.self, key)
        guard byte <= 1 else {
            throw cursor.failure(.malformed, "\(key) is neither true nor false")
        }
        return byte == 1
    }
}
