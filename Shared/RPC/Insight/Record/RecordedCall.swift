/// One call as a server has seen it.
public struct RecordedCall: Sendable, Equatable {
    /// The method called.
    public var method: RPCMethod
    /// What came beside the call, without what is left out of records.
    public var metadata: Metadata
    /// Time that the caller still had when the call came; nil if it would have waited for ever.
    public var remaining: Duration?
    /// When it came, from the beginning of the record.
    public var arrival: Duration
    /// What was asked, in order, as far as it had come when the call ended.
    public var requests: [RPCMessage]
    /// Whether the caller had sent its last request before the call ended.
    public var hasAllRequests: Bool
    /// How it ended.
    public var code: RPCError.Code
    /// From its arrival to its end.
    public var duration: Duration

    /// Makes a call, for example to make load that nobody has recorded.
    public init(
        method: RPCMethod, metadata: Metadata = Metadata(), remaining: Duration? = nil,
        arrival: Duration = .zero, requests: [RPCMessage], hasAllRequests: Bool = true,
        code: RPCError.Code = .ok, duration: Duration = .zero
    ) {
        self.method = method
        self.metadata = metadata
        self.remaining = remaining
        self.arrival = arrival
        self.requests = requests
        self.hasAllRequests = hasAllRequests
        self.code = code
        self.duration = duration
    }
}
