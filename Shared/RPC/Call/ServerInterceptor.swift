/// What stands between every call of a router and its handler: authorization, admission, records.
///
/// Interceptors run in the order in which they were added; each calls `next` at most once, or
/// throws the call's status instead.
public protocol ServerInterceptor: Sendable {
    /// Handles a call, usually by what comes next.
    ///
    /// - Throws: what the caller is to see; see ``RPCRouter`` for how errors become statuses.
    func intercept(
        _ context: CallContext, _ next: @Sendable () async throws -> Void
    ) async throws
}
