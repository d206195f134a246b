import Testing

@testable import RPC

@Suite("Ranges of the connection's limits")
struct RPCLimitsTests {
    /// Every limit that is a number, with the ends of what it may be set to.
    private let ranges: [(String, WritableKeyPath<RPCLimits, Int>, ClosedRange<Int>)] = [
        ("framePayloadBytes", \.framePayloadBytes, 32_768...16_777_216),
        ("receivedMessageBytes", \.receivedMessageBytes, 1...1_073_741_824),
        ("sentMessageBytes", \.sentMessageBytes, 1...1_073_741_824),
        ("attachments", \.attachments, 0...1_024),
        ("metadataBytes", \.metadataBytes, 256...8_192),
        ("metadataEntries", \.metadataEntries, 1...1_024),
        ("concurrentStreams", \.concurrentStreams, 1...1_000_000),
        ("statusMessageBytes", \.statusMessageBytes, 16...4_096),
        ("statusDetails", \.statusDetails, 0...256),
        ("statusDetailBytes", \.statusDetailBytes, 0...16_384),
        ("pendingWriteBytes", \.pendingWriteBytes, 1...1_073_741_824),
        ("unreadBytes", \.unreadBytes, 1...2_147_483_647),
        ("unreadMessages", \.unreadMessages, 1...1_000_000),
    ]

    @Test("each is taken at both ends of its range, and refused by name beyond them")
    func bothEnds() throws {
        for (name, path, range) in ranges {
            for value in [range.lowerBound, range.upperBound] {
                var limits = RPCLimits.defaults
                limits[keyPath: path] = value
                try limits.validate()
            }
            for value in [range.lowerBound - 1, range.upperBound + 1] {
                var limits = RPCLimits.defaults
                limits[keyPath: path] = value
                let error = #expect(throws: RPCError.self) { try limits.validate() }
                #expect(error?.code == .invalidArgument)
                #expect(error?.message.hasPrefix("limit \(name) is \(value)") == true)
            }
        }
    }

    @Test("the handshake has some time")
    func handshake() throws {
        var limits = RPCLimits.defaults
        limits.handshakeTimeout = .nanoseconds(1)
        try limits.validate()
        limits.handshakeTimeout = .zero
        #expect(throws: RPCError.self) { try limits.validate() }
    }
}
