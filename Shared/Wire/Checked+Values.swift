import CMessages
import CProtobufC

/// Reads numbers and keys of an unpacked struct, each against its limit; errors name the field.
extension Checked {
    /// A count of at most `limit`.
    static func count(_ field: String, _ c: UInt32, limit: Int) throws(WireError) -> Int {
        guard c <= limit else {
            throw WireError(field: field, message: "is \(c), more than \(limit)")
        }
        return Int(c)
    }

    /// A list of numbers.
    static func numbers(
        _ field: String, _ c: UnsafeMutablePointer<UInt64>?, _ count: Int, limit: Int
    ) throws(WireError) -> [UInt64] {
        try checkCount(field, count, limit)
        return [UInt64](UnsafeBufferPointer(start: c, count: count))
    }

    /// A number whose presence stands in a field of its own.
    ///
    /// One that stands without it is refused: its sender believes that it counts.
    static func optionalNumber<Number: Numeric>(
        _ field: String, _ c: Number, isGiven: protobuf_c_boolean, by presence: String
    ) throws(WireError) -> Number? {
        guard isGiven != 0 || c == 0 else {
            throw WireError(field: field, message: "is given, but \(presence) is not true")
        }
        return isGiven != 0 ? c : nil
    }

    /// Divides the logits of a generated text before the draw.
    static func temperature(_ field: String, _ c: Float) throws(WireError) -> Float {
        guard (0...WireLimits.maximumTemperature).contains(c) else {
            throw WireError(
                field: field, message: "is outside of 0...\(WireLimits.maximumTemperature)")
        }
        return c
    }

    /// What tells a repeated write from a new one; empty is none.
    static func idempotencyKey(
        _ field: String, _ c: UnsafePointer<CChar>?
    ) throws(WireError) -> String {
        let key = try text(field, c, limit: WireLimits.maximumIdempotencyKeyBytes)
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw WireError(field: field, message: "holds other than visible ASCII characters")
        }
        return key
    }
}
