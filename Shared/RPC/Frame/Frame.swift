internal import NIOCore

/// Number of a call on its connection: odd, growing, never used again; 0 is the connection itself.
typealias StreamID = UInt32

/// The type byte of a frame header.
///
/// What is not listed is either an extension, which a receiver skips, or a violation: see
/// ``isExtension(_:)``.
enum FrameType: UInt8, CaseIterable {
    case settings = 1
    case headers = 2
    case message = 3
    case trailers = 4
    case cancel = 5
    case goAway = 6
    case ping = 7
    case windowUpdate = 8
    case metadata = 9

    /// Types from 0x80 on may be skipped by a receiver that does not know them.
    static func isExtension(_ type: UInt8) -> Bool { type >= 0x80 }

    /// The flags that a frame of this type may carry.
    var allowedFlags: UInt8 {
        switch self {
        case .headers: FrameFlags.endStream
        case .message: FrameFlags.endStream | FrameFlags.more | FrameFlags.compressed
        case .ping: FrameFlags.acknowledgement
        case .settings, .trailers, .cancel, .goAway, .windowUpdate, .metadata: 0
        }
    }

    /// The payload lengths that are possible at all, so that a wrong one is refused before a byte
    /// of it is kept.
    func allowedLength(limit: Int) -> ClosedRange<Int> {
        switch self {
        case .cancel: 1...1
        case .ping: 8...8
        case .windowUpdate: 4...4
        case .settings: 0...Settings.maximumEntries * Settings.entryBytes
        case .goAway: 7...7 + GoAway.maximumReasonBytes
        case .headers, .message, .trailers, .metadata: 0...limit
        }
    }

    /// Whether frames of this type belong to the connection (stream 0) or to a call.
    var belongsToConnection: Bool? {
        switch self {
        case .settings, .goAway, .ping: true
        case .headers, .message, .trailers, .cancel, .metadata: false
        case .windowUpdate: nil
        }
    }
}

/// The bits of the flags byte.
enum FrameFlags {
    /// The sender of HEADERS or MESSAGE sends no further message on this stream.
    static let endStream: UInt8 = 1
    /// The message goes on in the next MESSAGE frame of this stream.
    static let more: UInt8 = 2
    /// The message of this MESSAGE frame is compressed.
    static let compressed: UInt8 = 4
    /// This PING answers one.
    static let acknowledgement: UInt8 = 1
}

/// The 12 bytes before every payload, little-endian.
struct FrameHeader: Equatable {
    static let byteCount = 12

    var payloadBytes: Int
    var type: UInt8
    var flags: UInt8
    var reserved: UInt16
    var streamID: StreamID

    /// Reads the header at the reader index without moving it; nil if there are too few bytes.
    init?(peekingAt buffer: ByteBuffer) {
        let start = buffer.readerIndex
        guard buffer.readableBytes >= Self.byteCount,
            let length = buffer.getInteger(at: start, endianness: .little, as: UInt32.self),
            let type = buffer.getInteger(at: start + 4, as: UInt8.self),
            let flags = buffer.getInteger(at: start + 5, as: UInt8.self),
            let reserved = buffer.getInteger(at: start + 6, endianness: .little, as: UInt16.self),
            let streamID = buffer.getInteger(at: start + 8, endianness: .little, as: UInt32.self)
        else { return nil }
        self.init(
            payloadBytes: Int(length), type: type, flags: flags, reserved: reserved,
            streamID: streamID)
    }

    init(
        payloadBytes: Int, type: UInt8, flags: UInt8 = 0, reserved: UInt16 = 0, streamID: StreamID
    ) {
        self.payloadBytes = payloadBytes
        self.type = type
        self.flags = flags
        self.reserved = reserved
        self.streamID = streamID
    }

    /// Writes the 12 bytes at `index`.
    func set(in buffer: inout ByteBuffer, at index: Int) {
        buffer.setInteger(UInt32(payloadBytes), at: index, endianness: .little)
        buffer.setInteger(type, at: index + 4)
        buffer.setInteger(flags, at: index + 5)
        buffer.setInteger(reserved, at: index + 6, endianness: .little)
        buffer.setInteger(streamID, at: index + 8, endianness: .little)
    }
}

/// One frame, its payload taken apart; the content of messages stays bytes.
enum Frame: Equatable {
    case settings(Settings)
    case headers(StreamID, Headers)
    case message(StreamID, MessagePart)
    case trailers(StreamID, RPCStatus)
    case cancel(StreamID, RPCError.Code)
    case goAway(GoAway)
    case ping(UInt64, isAcknowledgement: Bool)
    case windowUpdate(StreamID, UInt32)
    /// What a server sends before its first message.
    case metadata(StreamID, Metadata)
    /// An unknown type that may be skipped.
    case skipped(type: UInt8)

    /// Opens a call.
    struct Headers: Equatable {
        var method: RPCMethod
        /// Time that the caller still has; nil if it waits for ever.
        var timeoutMicroseconds: UInt64?
        var metadata: Metadata
        /// No message follows.
        var endsStream = false
    }

    /// A message or a part of one.
    struct MessagePart: Equatable {
        var bytes: ByteBuffer
        var endsStream: Bool
        var hasMore: Bool
        var isCompressed = false
    }
}

/// Says that no further call is taken, and which were.
struct GoAway: Equatable {
    static let maximumReasonBytes = 256

    /// Calls with a larger id never reached a handler.
    var lastStreamID: StreamID
    var code: GoAwayCode
    var reason: String
}

/// Why a connection ends.
struct GoAwayCode: RawRepresentable, Hashable, CustomStringConvertible {
    var rawValue: UInt8

    static let shutdown = GoAwayCode(rawValue: 0)
    static let malformed = GoAwayCode(rawValue: 1)
    static let frameTooLarge = GoAwayCode(rawValue: 2)
    static let unsupportedVersion = GoAwayCode(rawValue: 3)
    static let handshakeTimeout = GoAwayCode(rawValue: 4)
    static let tooManyConnections = GoAwayCode(rawValue: 5)
    static let tooManyPings = GoAwayCode(rawValue: 6)
    static let flowControl = GoAwayCode(rawValue: 7)

    var description: String {
        let names = [
            "SHUTDOWN", "MALFORMED", "FRAME_TOO_LARGE", "UNSUPPORTED_VERSION", "HANDSHAKE_TIMEOUT",
            "TOO_MANY_CONNECTIONS", "TOO_MANY_PINGS", "FLOW_CONTROL",
        ]
        return Int(rawValue) < names.count ? names[Int(rawValue)] : "GOAWAY_\(rawValue)"
    }
}

/// Bytes that the protocol does not allow; the connection ends with this reason.
struct ProtocolViolation: Error, Equatable {
    var code: GoAwayCode
    var reason: String

    init(_ reason: String, code: GoAwayCode = .malformed) {
        self.code = code
        self.reason = reason
    }

    static func tooManyPings(_ limits: RPCLimits) -> ProtocolViolation {
        ProtocolViolation(
            "PING more often than every \(limits.pingInterval) (pingInterval)",
            code: .tooManyPings)
    }
}
