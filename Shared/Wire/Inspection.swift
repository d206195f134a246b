import CMessages

/// Asks what a server does at this moment.
public struct InspectRequest: WireMessage {

    /// Makes the message; every field has its proto default.
    public init() {}

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<InspectRequest> { .protobuf }
}

extension InspectRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__InspectRequest>?) -> Void {
        llara__v1__inspect_request__init
    }

    init(_ c: Llara__V1__InspectRequest) throws(WireError) {
        self.init()
    }

    func fill(_ c: inout Llara__V1__InspectRequest, _ arena: EncodingArena) {}
}

/// A call that is open, or one of the slowest that have ended.
public struct CallReport: WireMessage {
    /// `llara.v1.Encoder/Encode`.
    public var method: String
    /// Where the call comes from.
    public var peer: String
    /// W3C trace id.
    public var traceID: String
    /// How long it has been open, or took.
    public var durationMilliseconds: Double
    /// Name of the status, such as `OK`; empty while it is open.
    public var status: String
    /// Time since its end; 0 while it is open.
    public var endedMillisecondsAgo: Double

    /// Makes the message; every field has its proto default.
    public init(
        method: String = "", peer: String = "", traceID: String = "",
        durationMilliseconds: Double = 0, status: String = "", endedMillisecondsAgo: Double = 0
    ) {
        self.method = method
        self.peer = peer
        self.traceID = traceID
        self.durationMilliseconds = durationMilliseconds
        self.status = status
        self.endedMillisecondsAgo = endedMillisecondsAgo
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<CallReport> { .protobuf }
}

extension CallReport: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__CallReport>?) -> Void {
        llara__v1__call_report__init
    }

    init(_ c: Llara__V1__CallReport) throws(WireError) {
        self.init(
            method: try Checked.title("method", c.method),
            peer: try Checked.name("peer", c.peer),
            traceID: try Checked.name("trace_id", c.trace_id),
            durationMilliseconds: c.duration_milliseconds,
            status: try Checked.name("status", c.status),
            endedMillisecondsAgo: c.ended_milliseconds_ago)
    }

    func fill(_ c: inout Llara__V1__CallReport, _ arena: EncodingArena) {
        c.method = arena.string(method)
        c.peer = arena.string(peer)
        c.trace_id = arena.string(traceID)
        c.duration_milliseconds = durationMilliseconds
        c.status = arena.string(status)
        c.ended_milliseconds_ago = endedMillisecondsAgo
    }
}

/// A connection of a server.
public struct ConnectionReport: WireMessage {
    /// The other end.
    public var peer: String
    /// Time since it was accepted.
    public var ageMilliseconds: Double
    /// Calls that it has carried.
    public var startedCalls: UInt64
    /// Bytes read, without those of TLS.
    public var receivedBytes: UInt64
    /// Bytes written, without those of TLS.
    public var sentBytes: UInt64
    /// Whether it takes no further calls.
    public var draining: Bool
    /// Calls that are open, oldest first, at most 20.
    public var openCalls: [CallReport]

    /// Makes the message; every field has its proto default.
    public init(
        peer: String = "", ageMilliseconds: Double = 0, startedCalls: UInt64 = 0,
        receivedBytes: UInt64 = 0, sentBytes: UInt64 = 0, draining: Bool = false,
        openCalls: [CallReport] = []
    ) {
        self.peer = peer
        self.ageMilliseconds = ageMilliseconds
        self.startedCalls = startedCalls
        self.receivedBytes = receivedBytes
        self.sentBytes = sentBytes
        self.draining = draining
        self.openCalls = openCalls
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ConnectionReport> { .protobuf }
}

extension ConnectionReport: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ConnectionReport>?) -> Void {
        llara__v1__connection_report__init
    }

    init(_ c: Llara__V1__ConnectionReport) throws(WireError) {
        self.init(
            peer: try Checked.name("peer", c.peer),
            ageMilliseconds: c.age_milliseconds,
            startedCalls: c.started_calls,
            receivedBytes: c.received_bytes,
            sentBytes: c.sent_bytes,
            draining: c.draining != 0,
            openCalls: try Checked.list(
                "open_calls", c.open_calls, c.n_open_calls, limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__ConnectionReport, _ arena: EncodingArena) {
        c.peer = arena.string(peer)
        c.age_milliseconds = ageMilliseconds
        c.started_calls = startedCalls
        c.received_bytes = receivedBytes
        c.sent_bytes = sentBytes
        c.draining = draining ? 1 : 0
        (c.n_open_calls, c.open_calls) = arena.list(openCalls)
    }
}

/// What a server does at this moment.
public struct InspectResponse: WireMessage {
    /// Oldest first, at most 1,000.
    public var connections: [ConnectionReport]
    /// All that are open.
    public var connectionCount: Int
    /// The slowest of the last 10 minutes, slowest first, at most 100.
    public var slowCalls: [CallReport]
    /// Version of the program.
    public var version: String

    /// Makes the message; every field has its proto default.
    public init(
        connections: [ConnectionReport] = [], connectionCount: Int = 0,
        slowCalls: [CallReport] = [], version: String = ""
    ) {
        self.connections = connections
        self.connectionCount = connectionCount
        self.slowCalls = slowCalls
        self.version = version
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<InspectResponse> { .protobuf }
}

extension InspectResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__InspectResponse>?) -> Void {
        llara__v1__inspect_response__init
    }

    init(_ c: Llara__V1__InspectResponse) throws(WireError) {
        self.init(
            connections: try Checked.list(
                "connections", c.connections, c.n_connections, limit: WireLimits.maximumListCount),
            connectionCount: Int(c.connection_count),
            slowCalls: try Checked.list(
                "slow_calls", c.slow_calls, c.n_slow_calls, limit: WireLimits.maximumListCount),
            version: try Checked.name("version", c.version))
    }

    func fill(_ c: inout Llara__V1__InspectResponse, _ arena: EncodingArena) {
        (c.n_connections, c.connections) = arena.list(connections)
        c.connection_count = UInt32(clamping: connectionCount)
        (c.n_slow_calls, c.slow_calls) = arena.list(slowCalls)
        c.version = arena.string(version)
    }
}
