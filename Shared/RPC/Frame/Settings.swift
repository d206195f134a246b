internal import NIOCore

/// What a side tells its peer to keep to, once, right after the preface.
struct Settings: Equatable {
    static let entryBytes = 8
    /// Most entries that a SETTINGS frame may have, known or not.
    static let maximumEntries = 64
    /// The bit of zstd among ``compressions``.
    static let zstd = 1

    /// The numbers on the wire.
    enum Identifier: UInt32, CaseIterable {
        case framePayloadBytes = 1
        case messageBytes = 2
        case attachments = 3
        case metadataBytes = 4
        case metadataEntries = 5
        case concurrentStreams = 6
        case streamWindowBytes = 7
        case connectionWindowBytes = 8
        case compressions = 9
        case pingIntervalMilliseconds = 10
    }

    var framePayloadBytes: Int
    var messageBytes: Int
    var attachments: Int
    var metadataBytes: Int
    var metadataEntries: Int
    var concurrentStreams: Int
    /// What a stream may carry to this side before WINDOW_UPDATE.
    var streamWindowBytes: Int
    /// The same of the whole connection.
    var connectionWindowBytes: Int
    /// Compressions of messages that this side takes, a bit each.
    var compressions: Int
    /// Shortest time between two PINGs that this side takes.
    var pingIntervalMilliseconds: Int

    /// What a side with these limits tells.
    init(_ limits: RPCLimits) {
        framePayloadBytes = limits.framePayloadBytes
        messageBytes = limits.receivedMessageBytes
        attachments = limits.attachments
        metadataBytes = limits.metadataBytes
        metadataEntries = limits.metadataEntries
        concurrentStreams = limits.concurrentStreams
        streamWindowBytes = limits.streamWindowBytes
        connectionWindowBytes = limits.connectionWindowBytes
        compressions = limits.takesCompressedMessages ? Self.zstd : 0
        pingIntervalMilliseconds = Int(limits.pingInterval / .milliseconds(1))
    }

    /// Whether this side takes messages compressed by zstd.
    var takesZstandard: Bool { compressions & Self.zstd != 0 }

    /// A value that SETTINGS leaves out is the protocol's default.
    init(reading reader: inout PayloadReader) throws(ProtocolViolation) {
        self.init(RPCLimits.protocolDefaults)
        while !reader.isAtEnd {
            let number = try reader.integer(UInt32.self)
            let value = Int(try reader.integer(UInt32.self))
            guard let identifier = Identifier(rawValue: number) else { continue }
            try set(identifier, to: value)
        }
    }

    private mutating func set(
        _ identifier: Identifier, to value: Int
    ) throws(ProtocolViolation) {
        switch identifier {
        case .framePayloadBytes:
            let range = RPCLimits.minimumFramePayloadBytes...RPCLimits.maximumFramePayloadBytes
            guard range.contains(value) else {
                throw ProtocolViolation("SETTINGS: frame payload limit \(value) not in \(range)")
            }
            framePayloadBytes = value
        case .messageBytes: messageBytes = value
        case .attachments: attachments = value
        case .metadataBytes: metadataBytes = value
        case .metadataEntries: metadataEntries = value
        case .concurrentStreams: concurrentStreams = value
        case .streamWindowBytes:
            streamWindowBytes = try Self.window(value, "stream")
        case .connectionWindowBytes:
            connectionWindowBytes = try Self.window(value, "connection")
        case .compressions: compressions = value
        case .pingIntervalMilliseconds: pingIntervalMilliseconds = value
        }
    }

    private static func window(
        _ bytes: Int, _ name: String
    ) throws(ProtocolViolation) -> Int {
        guard FlowControlWindow.initialBytes.contains(bytes) else {
            throw ProtocolViolation(
                "SETTINGS: a \(name) window of \(bytes) bytes not in "
                    + "\(FlowControlWindow.initialBytes)")
        }
        return bytes
    }

    /// Every value with its number, in the order in which they are sent.
    var entries: [(Identifier, Int)] {
        [
            (.framePayloadBytes, framePayloadBytes), (.messageBytes, messageBytes),
            (.attachments, attachments), (.metadataBytes, metadataBytes),
            (.metadataEntries, metadataEntries), (.concurrentStreams, concurrentStreams),
            (.streamWindowBytes, streamWindowBytes),
            (.connectionWindowBytes, connectionWindowBytes), (.compressions, compressions),
            (.pingIntervalMilliseconds, pingIntervalMilliseconds),
        ]
    }
}
