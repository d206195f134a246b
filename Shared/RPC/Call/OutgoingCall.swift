/// What a call carries, settled before a transport or replica is chosen.
struct OutgoingCall: Sendable {
    let method: RPCMethod
    var metadata: Metadata
    let deadline: ContinuousClock.Instant?
    let waitsForReady: Bool
    let affinityKey: UInt64?
    /// Takes what the server sends beside its responses.
    var reply: ReplyMetadata?

    /// Settles deadline and trace id from the options and from the call that this task serves.
    ///
    /// A child call ends no later than its parent: its deadline is the earlier of both.
    init(
        _ method: RPCMethod, options: CallOptions, limits: RPCLimits, bearerToken: String? = nil,
        now: ContinuousClock.Instant = .now
    ) throws(RPCError) {
        let parent = CallContext.current
        self.method = method
        reply = options.reply
        waitsForReady = options.waitsForReady
        affinityKey = options.affinityKey
        let own = options.timeout.map { now.advanced(by: $0) }
        deadline = [own, parent?.deadline].compactMap { $0 }.min()
        var metadata = options.metadata
        if metadata.text(TraceContext.key) == nil {
            let traceID = parent?.traceID ?? TraceContext.makeTraceID()
            metadata.add(text: TraceContext.header(traceID: traceID), for: TraceContext.key)
        }
        if let bearerToken, metadata.text(BearerToken.metadataKey) == nil {
            metadata.add(text: BearerToken.header(for: bearerToken), for: BearerToken.metadataKey)
        }
        self.metadata = metadata
        try Self.check(method)
        if let wrong = metadata.malformation {
            throw RPCError(code: .invalidArgument, message: wrong)
        }
        if let violation = metadata.violation(of: limits) { throw violation }
        if let deadline, deadline <= now { throw deadlineExceeded }
    }

    private static func check(_ method: RPCMethod) throws(RPCError) {
        guard RPCMethod.isName(method.service), RPCMethod.isName(method.name) else {
            throw RPCError(
                code: .invalidArgument,
                message: "service and method names have 1 to \(RPCMethod.maximumNameBytes) "
                    + "characters of A-Z, a-z, 0-9, '_' and '.'")
        }
    }

    /// Time left for the wire, at least 1; nil without a deadline.
    func remainingMicroseconds(now: ContinuousClock.Instant) -> UInt64? {
        guard let deadline else { return nil }
        let (seconds, attoseconds) = now.duration(to: deadline).components
        // Beyond 100,000 years nobody will notice the difference to no deadline at all.
        guard seconds < 1 << 42 else { return nil }
        return UInt64(max(1, seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }

    var deadlineExceeded: RPCError {
        RPCError(
            code: .deadlineExceeded,
            message: "\(method) did not end before its deadline; it may still have had its effect")
    }

    var noRequestMayFollow: RPCError {
        RPCError(
            code: .failedPrecondition, message: "no request may follow the last one of \(method)")
    }

    var cancelled: RPCError {
        RPCError(code: .cancelled, message: "the caller gave up \(method)")
    }
}

/// What a caller learns of a message that one side does not allow.
func messageTooLarge(_ bytes: Int, limit: Int, _ direction: String, name: String) -> RPCError {
    RPCError(
        code: .resourceExhausted,
        message: "the \(direction) has \(bytes) bytes, at most \(limit) (\(name))")
}

/// What a caller learns of a message with too many tensors.
func tooManyAttachments(_ count: Int, limit: Int) -> RPCError {
    RPCError(
        code: .resourceExhausted,
        message: "a message with \(count) attachments, at most \(limit) (attachments)")
}
