internal import Domain

/// Bytes that stand as lower-case hexadecimal digits in JSON: the SHA-256 values of a manifest.
@propertyWrapper
public struct HexadecimalBytes: Sendable, Hashable, Codable {
    /// The bytes.
    public var wrappedValue: [UInt8]

    /// Wraps bytes.
    public init(wrappedValue: [UInt8]) { self.wrappedValue = wrappedValue }

    /// Reads two digits a byte.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bytes = Self.bytes(of: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not hexadecimal digits")
        }
        wrappedValue = bytes
    }

    /// Writes two digits a byte.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue.hexadecimal)
    }

    private static func bytes(of text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
