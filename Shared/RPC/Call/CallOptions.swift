/// What a caller may say about one call.
public struct CallOptions: Sendable {
    /// Time for the whole call, connecting included; nil leaves only the deadline of the call that
    /// is being served, if any.
    public var timeout: Duration?
    /// Sent beside the request.
    public var metadata: Metadata
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
