/// How many bytes of MESSAGE payloads one direction may still carry: the sender's credit.
struct FlowControlWindow: Equatable {
    /// What SETTINGS may say, in bytes.
    static let initialBytes = 65_536...maximumBytes
    /// Beyond, a window must not grow: 2^31 - 1, as in RFC 9113 section 6.9.1.
    static let maximumBytes = 2_147_483_647

    /// Bytes that may be sent now; never negative.
    private(set) var bytes: Int

    init(bytes: Int) {
        assert(Self.initialBytes.contains(bytes), "SETTINGS were checked when they were read")
        self.bytes = bytes
    }

    /// Whether a frame with this payload is within the window.
    func holds(_ payloadBytes: Int) -> Bool { payloadBytes <= bytes }

    /// A frame left, or arrived; the caller has asked ``holds(_:)``.
    mutating func take(_ payloadBytes: Int) {
        assert(payloadBytes >= 0 && holds(payloadBytes))
        bytes -= payloadBytes
    }

    /// WINDOW_UPDATE, given or received.
    mutating func grow(by increment: Int) throws(ProtocolViolation) {
        guard increment > 0 else {
            throw ProtocolViolation("WINDOW_UPDATE by 0; leave it out instead", code: .flowControl)
        }
        // Never overflows: both are at most 32 bits on the wire.
        guard bytes + increment <= Self.maximumBytes else {
            throw ProtocolViolation(
                "WINDOW_UPDATE by \(increment) on \(bytes) bytes makes the window larger "
                    + "than \(Self.maximumBytes); give back only what was received",
                code: .flowControl)
        }
        bytes += increment
    }
}
