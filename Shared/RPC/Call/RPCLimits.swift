/// Every limit of a connection and of the calls on it, with what happens beyond each.
public struct RPCLimits: Sendable, Hashable {
    /// Largest frame payload that this side takes, in bytes; beyond, the connection is closed.
    ///
    /// Told to the peer, which cuts its messages accordingly.
    public var framePayloadBytes = 256 * 1024
    /// Largest message that this side takes, in bytes; beyond, the call ends with
    /// RESOURCE_EXHAUSTED and the connection goes on.
    ///
    /// Told to the peer.
    public var receivedMessageBytes = 16 * 1024 * 1024
    /// Largest message that this side sends, in bytes; beyond, the call ends with
    /// RESOURCE_EXHAUSTED before anything is sent.
    public var sentMessageBytes = 16 * 1024 * 1024
    /// Most tensors beside one message; beyond, RESOURCE_EXHAUSTED.
    ///
    /// Told to the peer.
    public var attachments = 16
    /// Keys and values of metadata together, in bytes; beyond, RESOURCE_EXHAUSTED.
    ///
    /// Told to the peer.
    public var metadataBytes = 8 * 1024
    /// Most metadata entries; beyond, RESOURCE_EXHAUSTED.
    ///
    /// Told to the peer.
    public var metadataEntries = 64
    /// Most calls at a time on a connection; a server answers the next with RESOURCE_EXHAUSTED, a
    /// client takes another connection.
    ///
    /// Told to the peer.
    public var concurrentStreams = 256
    /// Longest status message, in bytes of UTF-8; a sender cuts it, a receiver closes the
    /// connection.
    public var statusMessageBytes = 1024
    /// Most details of a status; a sender leaves out the rest, a receiver closes the connection.
    public var statusDetails = 16
    /// Types and values of a status's details together, in bytes; as ``statusDetails``.
    public var statusDetailBytes = 16 * 1024
    /// Longest wait for the peer's preface and SETTINGS; beyond, the connection is closed.
    public var handshakeTimeout = Duration.seconds(5)
    /// Bytes that wait to be written to the socket before a writer is made to wait.
    public var pendingWriteBytes = 1024 * 1024
    /// Bytes of messages, uncompressed, that have arrived on one connection in part, or whole but
    /// unread; beyond, the call ends with RESOURCE_EXHAUSTED.
    ///
    /// Windows let a peer send less than that, but for messages larger than a window and for
    /// compressed ones.
    public var unreadBytes = 64 * 1024 * 1024
    /// Whole messages of one stream in process that nobody has read; beyond, the sender waits.
    public var unreadMessages = 16
    /// What a peer may send on a stream before its reader has read, in bytes of frames.
    ///
    /// Told to the peer, which waits; more closes the connection.
    public var streamWindowBytes = 1024 * 1024
    /// The same of all streams of a connection.
    ///
    /// Told to the peer.
    public var connectionWindowBytes = 8 * 1024 * 1024
    /// Whether compressed messages are taken; their content counts for every limit.
    ///
    /// Told to the peer, which else sends them as they are.
    public var takesCompressedMessages = true
    /// Shortest time between two PINGs of a peer; the third that comes sooner closes the connection.
    ///
    /// Told to the peer.
    public var pingInterval = Duration.seconds(10)

    /// 16 MiB messages, 256 KiB frames, 256 calls a connection.
    public static let defaults = RPCLimits()
    /// What SETTINGS mean that leave a number out.
    static let protocolDefaults: RPCLimits = {
        var limits = RPCLimits()
        limits.takesCompressedMessages = false
        return limits
    }()

    /// The defaults.
    public init() {}

    /// What a reader takes before its connection is told, in bytes of frames: little enough that
    /// all streams together cannot withhold a connection's window, much enough that few tell.
    var consumptionReportBytes: Int {
        max(1, min(streamWindowBytes / 8, connectionWindowBytes / (2 * concurrentStreams)))
    }

    /// Smallest `framePayloadBytes`, so that HEADERS and TRAILERS always fit into one frame.
    static let minimumFramePayloadBytes = 32 * 1024
    /// Largest `framePayloadBytes`.
    static let maximumFramePayloadBytes = 16 * 1024 * 1024
    /// Largest message of any setting: float values of it fit into memory many times.
    static let maximumMessageBytes = 1024 * 1024 * 1024

    /// Throws INVALID_ARGUMENT naming the first limit outside its range.
    func validate() throws(RPCError) {
        let ranges: [(String, Int, ClosedRange<Int>)] = [
            (
                "framePayloadBytes", framePayloadBytes,
                Self.minimumFramePayloadBytes...Self.maximumFramePayloadBytes
            ),
            ("receivedMessageBytes", receivedMessageBytes, 1...Self.maximumMessageBytes),
            ("sentMessageBytes", sentMessageBytes, 1...Self.maximumMessageBytes),
            ("attachments", attachments, 0...1024),
            ("metadataBytes", metadataBytes, 256...8 * 1024),
            ("metadataEntries", metadataEntries, 1...1024),
            ("concurrentStreams", concurrentStreams, 1...1_000_000),
            ("statusMessageBytes", statusMessageBytes, 16...4 * 1024),
            ("statusDetails", statusDetails, 0...256),
            ("statusDetailBytes", statusDetailBytes, 0...16 * 1024),
            ("pendingWriteBytes", pendingWriteBytes, 1...1024 * 1024 * 1024),
            ("unreadBytes", unreadBytes, 1...Int(Int32.max)),
            ("unreadMessages", unreadMessages, 1...1_000_000),
            ("streamWindowBytes", streamWindowBytes, FlowControlWindow.initialBytes),
            ("connectionWindowBytes", connectionWindowBytes, FlowControlWindow.initialBytes),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw RPCError(
                code: .invalidArgument,
                message: "limit \(name) is \(value); it must lie in "
                    + "\(range.lowerBound)...\(range.upperBound)")
        }
        try ConfigurationRange("limit pingInterval").check(pingInterval, .upToADay)
        guard handshakeTimeout > .zero else {
            throw RPCError(
                code: .invalidArgument, message: "limit handshakeTimeout must be positive")
        }
    }
}
