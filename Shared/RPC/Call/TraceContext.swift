internal import Domain
internal import Synchronization

/// The trace id and how it travels: metadata `traceparent` as W3C Trace Context (level 1) has it,
/// `00-<trace id>-<parent id>-<flags>`.
enum TraceContext {
    static let key = "traceparent"

    /// A new id: 16 random bytes in hexadecimal, never all zero.
    static func makeTraceID() -> String { randomBytes(16).hexadecimal }

    /// A header for one call: the trace id with a new parent id, marked as sampled.
    static func header(traceID: String) -> String {
        "00-\(traceID)-\(randomBytes(8).hexadecimal)-01"
    }

    /// The trace id in a header, nil if it does not have the standard's form.
    static func traceID(fromHeader header: String) -> String? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        // A later version may add parts behind the four.
        guard parts.count >= 4, isHexadecimal(parts[0], count: 2), parts[0] != "ff",
            parts[0] != "00" || parts.count == 4, isHexadecimal(parts[1], count: 32),
            isHexadecimal(parts[2], count: 16), isHexadecimal(parts[3], count: 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return String(parts[1])
    }

    private static func isHexadecimal(_ text: Substring, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }

    /// Of this process, drawn once: the system's generator costs a call of the kernel each time.
    private static let seed = UInt64.random(in: .min ... .max)
    private static let drawn = Atomic<UInt64>(0)

    private static func randomBytes(_ count: Int) -> [UInt8] {
        let number = drawn.wrappingAdd(1, ordering: .relaxed).newValue
        var generator = SeededGenerator(seed: seed &+ number &* 0xD134_2543_DE82_EF95)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            withUnsafeBytes(of: generator.next()) { bytes += $0.prefix(count - bytes.count) }
        }
        if bytes.allSatisfy({ $0 == 0 }) { bytes[0] = 1 }
        return bytes
    }
}
