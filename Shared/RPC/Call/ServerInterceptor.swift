/// What stands between every call of a router and its handler: authorization, admission, records.
///
/// A call passes ``arrived(_:)`` of every interceptor, in the order in which they were added; then,
/// in a task of its own, ``intercept(_:_:)`` of each around the next; and at last
/// ``ended(_:_:)`` of each.
public protocol ServerInterceptor: Sendable {
    /// A call has come; nothing has been spent on it yet, not even a task.
    ///
    /// Runs on the connection's event loop and must neither wait nor compute.
    ///
    /// - Throws: what the caller is to see; see ``RPCRouter`` for how errors become statuses.
    func arrived(_ context: CallContext) throws

    /// Handles a call, usually by what comes next: calls `next` at most once, or throws the call's
    /// status instead.
    ///
    /// - Throws: as ``arrived(_:)``.
    func intercept(
        _ context: CallContext, _ next: @Sendable () async throws -> Void
    ) async throws

    /// A call is over, just before its caller is told: once for every call, also for one that
    /// ``arrived(_:)`` of this or another interceptor has refused.
    func ended(_ context: CallContext, _ code: RPCError.Code)
}

extension ServerInterceptor {
    /// Lets every call in.
    public func arrived(_ context: CallContext) throws {}

    /// Goes on with what comes next.
    public func intercept(
        _ context: CallContext, _ next: @Sendable () async throws -> Void
    ) async throws {
        try await next()
    }

    /// Does nothing.
    public func ended(_ context: CallContext, _ code: RPCError.Code) {}
}
