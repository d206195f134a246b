/// What a handler knows of the call it serves.
public struct CallContext: Sendable {
    /// The method called.
    public let method: RPCMethod
    /// What the caller sent beside the request.
    public let metadata: Metadata
    /// When the caller stops waiting; nil if it waits for ever.
    public let deadline: ContinuousClock.Instant?
    /// W3C trace id: 32 lower-case hexadecimal digits, from the caller or made here.
    public internal(set) var traceID: String
    /// Where the call came from, `127.0.0.1:5000` or `in-process`.
    public let peer: String
    /// When the call came.
    let arrival = ContinuousClock.now
    /// What goes beside the responses; see ``sendMetadata(_:)``.
    public let reply = ReplyMetadata()
    /// Where metadata goes; nil in a handler's test.
    var responder: (any Responder)?

    /// The call that this task serves.
    ///
    /// Clients read it, so that a child call ends no later than the call it is part of and carries
    /// on its trace id.
    @TaskLocal public static var current: CallContext?

    /// Makes a context; servers do, and tests of handlers.
    public init(
        method: RPCMethod, metadata: Metadata = Metadata(),
        deadline: ContinuousClock.Instant? = nil, traceID: String? = nil, peer: String = "test"
    ) {
        self.method = method
        self.metadata = metadata
        self.deadline = deadline
        self.traceID = traceID ?? TraceContext.makeTraceID()
        self.peer = peer
    }

    /// What goes with the status; nothing if a handler has set what breaks the rules.
    var trailing: Metadata {
        let trailing = reply.trailing
        return trailing.malformation == nil ? trailing : Metadata()
    }

    /// Sends metadata before the first response; at most once.
    ///
    /// - Throws: ``RPCError``: INVALID_ARGUMENT or RESOURCE_EXHAUSTED for metadata that breaks a
    ///   rule, FAILED_PRECONDITION after the first response or a second time.
    public func sendMetadata(_ metadata: Metadata) async throws {
        if let wrong = metadata.malformation {
            throw RPCError(code: .invalidArgument, message: wrong)
        }
        try await responder?.send(metadata)
        reply.setInitial(metadata)
    }

    /// Time left at `now`, negative once the deadline has passed; nil without a deadline.
    public func remaining(now: ContinuousClock.Instant) -> Duration? {
        deadline.map { now.duration(to: $0) }
    }
}
