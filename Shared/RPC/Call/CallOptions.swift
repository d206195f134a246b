/// What a caller may say about one call.
public struct CallOptions: Sendable {
    /// Time for the whole call, connecting included; nil leaves only the deadline of the call that
    /// is being served, if any.
    public var timeout: Duration?
    /// Sent beside the request.
    public var metadata: Metadata

    /// No timeout of its own, no metadata.
    public static let defaults = CallOptions()

    /// Makes options.
    public init(timeout: Duration? = nil, metadata: Metadata = Metadata()) {
        self.timeout = timeout
        self.metadata = metadata
    }
}
