/// A metadata value of a GGUF file.
public enum GGUFValue: Sendable, Equatable {
    /// An unsigned integer of 8, 16, 32 or 64 bits as stored.
    case uint8(UInt8), uint16(UInt16), uint32(UInt32), uint64(UInt64)
    /// A signed integer as stored.
    case int8(Int8), int16(Int16), int32(Int32), int64(Int64)
    /// A floating-point number as stored.
    case float32(Float), float64(Double)
    /// A truth value.
    case bool(Bool)
    /// UTF-8 text; bytes that are not UTF-8 are replaced, as vocabularies may hold such.
    case string(String)
    /// An array of one type, at most ``GGUFLimits/maximumKeptArrayElements`` long.
    case array([GGUFValue])
    /// A longer array, checked but not kept.
    case longArray(count: Int)

    /// An array of strings.
    public static func strings(_ texts: [String]) -> GGUFValue {
        .array(texts.map { .string($0) })
    }

    /// The value as a count, if it is an integer and not negative.
    public var count: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int8(let value): value < 0 ? nil : Int(value)
        case .int16(let value): value < 0 ? nil : Int(value)
        case .int32(let value): value < 0 ? nil : Int(value)
        case .int64(let value): value < 0 ? nil : Int(exactly: value)
        default: nil
        }
    }
}

/// The type numbers of the format.
enum GGUFType: UInt32 {
    case uint8 = 0
    case int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

    /// Bytes of a value; nil where it varies.
    var fixedSize: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .array: nil
        }
    }
}

extension GGUFValue {
    /// The number under which the writer stores this value.
    var type: GGUFType {
        switch self {
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        case .string: .string
        case .array, .longArray: .array
        }
    }
}
