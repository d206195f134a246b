/// A bound parameter, sent in PostgreSQL's binary format with its type.
public enum PostgresValue: Sendable, Hashable {
    /// NULL; the server infers the type.
    case null
    /// `boolean`.
    case bool(Bool)
    /// `bigint`.
    case int(Int64)
    /// `real`.
    case float(Float)
    /// `double precision`.
    case double(Double)
    /// `text`; must not hold NUL.
    case text(String)
    /// `bytea`.
    case bytes([UInt8])
    /// `boolean[]`.
    case bools([Bool])
    /// `bigint[]`.
    case ints([Int64])
    /// `real[]`.
    case floats([Float])
    /// `double precision[]`.
    case doubles([Double])
    /// `text[]`; no element may hold NUL.
    case texts([String])

    /// The type's number in `pg_type`.
    var typeID: UInt32 {
        switch self {
        case .null: 0
        case .bool: TypeID.bool
        case .int: TypeID.int8
        case .float: TypeID.float4
        case .double: TypeID.float8
        case .text: TypeID.text
        case .bytes: TypeID.bytea
        case .bools: TypeID.boolArray
        case .ints: TypeID.int8Array
        case .floats: TypeID.float4Array
        case .doubles: TypeID.float8Array
        case .texts: TypeID.textArray
        }
    }

    /// Appends the binary form; NULL has none.
    func encode(into bytes: inout [UInt8]) {
        switch self {
        case .null: break
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .int(let value): bytes.appendBigEndian(value)
        case .float(let value): bytes.appendBigEndian(value.bitPattern)
        case .double(let value): bytes.appendBigEndian(value.bitPattern)
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .bytes(let value): bytes.append(contentsOf: value)
        case .bools(let values):
            Self.encode(values, of: TypeID.bool, into: &bytes) { value, bytes in
                bytes.append(value ? 1 : 0)
            }
        case .ints(let values):
            Self.encode(values, of: TypeID.int8, into: &bytes) { value, bytes in
                bytes.appendBigEndian(value)
            }
        case .floats(let values):
            Self.encode(values, of: TypeID.float4, into: &bytes) { value, bytes in
                bytes.appendBigEndian(value.bitPattern)
            }
        case .doubles(let values):
            Self.encode(values, of: TypeID.float8, into: &bytes) { value, bytes in
                bytes.appendBigEndian(value.bitPattern)
            }
        case .texts(let values):
            Self.encode(values, of: TypeID.text, into: &bytes) { value, bytes in
                bytes.append(contentsOf: value.utf8)
            }
        }
    }

    /// The array form of `array_send`: dimensions, element type, then length and bytes of each.
    private static func encode<Element>(
        _ values: [Element], of type: UInt32, into bytes: inout [UInt8],
        _ encodeElement: (Element, inout [UInt8]) -> Void
    ) {
        bytes.appendBigEndian(Int32(values.isEmpty ? 0 : 1))
        bytes.appendBigEndian(Int32(0))
        bytes.appendBigEndian(type)
        guard !values.isEmpty else { return }
        bytes.appendBigEndian(Int32(values.count))
        bytes.appendBigEndian(Int32(1))
        for value in values {
            bytes.appendLengthPrefixed { encodeElement(value, &$0) }
        }
    }
}

/// Numbers of the built-in types, from `pg_type.dat`.
enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let boolArray: UInt32 = 1000
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float4Array: UInt32 = 1021
    static let float8Array: UInt32 = 1022
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let jsonb: UInt32 = 3802
}

extension [UInt8] {
    /// Appends the integer, most significant byte first.
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    /// Appends what `body` writes after its length as four bytes.
    mutating func appendLengthPrefixed(_ body: (inout [UInt8]) -> Void) {
        let start = count
        appendBigEndian(Int32(0))
        body(&self)
        let length = UInt32(truncatingIfNeeded: count - start - 4)
        self[start] = UInt8(truncatingIfNeeded: length >> 24)
        self[start + 1] = UInt8(truncatingIfNeeded: length >> 16)
        self[start + 2] = UInt8(truncatingIfNeeded: length >> 8)
        self[start + 3] = UInt8(truncatingIfNeeded: length)
    }
}
