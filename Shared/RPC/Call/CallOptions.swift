/// What a caller may say about one call.
public struct CallOptions: Sendable {
    /// Time for the whole call, connecting included; nil leaves only the deadline of the call that
    /// is being served, if any.
    public var timeout: Duration?
    /// Sent beside the request.
    public var metadata: Metadata
    /// Whether the call waits for a replica until its deadline, also while none can be reached; else
    /// it fails at once when none is about to be connected.
    public var waitsForReady = false
    /// Calls with the same key go to the same replica, where the client balances by
    /// ``LoadBalancing/affinity``.
    public var affinityKey: UInt64?
    /// Whether, and after what time, a second replica is asked beside a first that is slow; only for
    /// calls with one request that bear being run twice.
    public var hedging: HedgingConfiguration?
    /// Takes what the server sends beside its responses; nil drops it.
    public var reply: ReplyMetadata?

    /// No timeout of its own, no metadata.
    public static let defaults = CallOptions()

    /// Makes options.
    public init(
        timeout: Duration? = nil, metadata: Metadata = Metadata(), reply: ReplyMetadata? = nil
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.reply = reply
    }
}
