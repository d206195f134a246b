internal import Instrumentation
internal import Logging
internal import Synchronization

/// Which handler serves which method.
public struct RPCRouter: Sendable {
    /// The shape of every call: requests in, responses out; a last one may be returned.
    ///
    /// Unary and server streaming are special cases; so are client and bidirectional streaming.
    typealias Handler =
        @Sendable (RPCRequestStream, CallContext, any Responder) async throws -> RPCMessage?

    private var handlers: [RPCMethod: Handler] = [:]
    private var interceptors: [any ServerInterceptor] = []
    /// Who wants to know of the calls; see ``observe(by:)``.
    private(set) var insight: ServerInsight?

    /// A router without methods.
    public init() {}

    /// The methods registered, in no order.
    public var methods: [RPCMethod] { Array(handlers.keys) }

    /// Serves a method with one request and one response; a second registration replaces the first.
    public mutating func unary(
        _ method: RPCMethod,
        _ handler: @escaping @Sendable (RPCMessage, CallContext) async throws -> RPCMessage
    ) {
        handlers[method] = { requests, context, _ in
            try await handler(requests.single(of: method), context)
        }
    }

    /// Serves a method with one request and any number of responses.
    public mutating func serverStreaming(
        _ method: RPCMethod,
        _ handler:
            @escaping @Sendable (RPCMessage, CallContext, ResponseWriter) async throws -> Void
    ) {
        handlers[method] = { requests, context, responder in
            let request = try await requests.single(of: method)
            try await handler(request, context, ResponseWriter(responder: responder))
            return nil
        }
    }

    /// Serves a method with any number of requests and one response.
    public mutating func clientStreaming(
        _ method: RPCMethod,
        _ handler:
            @escaping @Sendable (RPCRequestStream, CallContext) async throws -> RPCMessage
    ) {
        handlers[method] = { requests, context, _ in try await handler(requests, context) }
    }

    /// Serves a method in which both sides write when they like.
    public mutating func bidirectionalStreaming(
        _ method: RPCMethod,
        _ handler:
            @escaping @Sendable (RPCRequestStream, CallContext, ResponseWriter) async throws -> Void
    ) {
        handlers[method] = { requests, context, responder in
            try await handler(requests, context, ResponseWriter(responder: responder))
            return nil
        }
    }

    /// Adds what every call, of known and unknown methods, passes before its handler; after those
    /// that were added before.
    public mutating func add(_ interceptor: any ServerInterceptor) {
        interceptors.append(interceptor)
    }

    /// Tells of calls from now on; once all methods are registered.
    mutating func observe(by insight: RPCInsight) {
        self.insight = ServerInsight(insight, methods: methods)
    }

    /// Runs a call's handler in a task of its own and ends the call with exactly one status; nil
    /// where an interceptor has refused the call and it has ended.
    func start(
        _ context: CallContext, requests: MessageQueue, responder: any Responder, logger: Logger
    ) -> Task<Void, Never>? {
        var context = context
        let observed = insight?.begin(&context, requests, responder)
        context.responder = observed ?? responder
        do {
            for interceptor in interceptors { try interceptor.arrived(context) }
        } catch {
            end(context, nil, Self.status(of: error, context, logger), logger)
            return nil
        }
        // Not a child of anybody: it may be cancelled alone, and a handler that ignores that must
        // not hold up whoever asked.
        return Task { [context] in
            let stream = RPCRequestStream(queue: requests, recording: observed?.recording)
            let (last, status) = await run(
                context, stream, context.responder ?? responder, logger,
                span: observed?.spanContext)
            end(context, last, status, logger)
        }
    }

    private func end(
        _ context: CallContext, _ last: RPCMessage?, _ status: RPCStatus, _ logger: Logger
    ) {
        for interceptor in interceptors { interceptor.ended(context, status.code) }
        var status = status
        status.metadata = context.trailing
        context.responder?.finish(last, status)
        Self.log(status, of: context, after: .now - context.arrival, logger)
    }

    /// Runs a handler with what its own calls are part of.
    private func run(
        _ context: CallContext, _ requests: RPCRequestStream, _ responder: any Responder,
        _ logger: Logger, span: InstrumentationContext?
    ) async -> (RPCMessage?, RPCStatus) {
        guard let span else {
            return await CallContext.$current.withValue(context) {
                await run(context, requests, responder, logger)
            }
        }
        return await InstrumentationContext.$current.withValue(span) {
            await run(context, requests, responder, logger, span: nil)
        }
    }

    private func run(
        _ context: CallContext, _ requests: RPCRequestStream, _ responder: any Responder,
        _ logger: Logger
    ) async -> (RPCMessage?, RPCStatus) {
        do {
            let last = try await pass(interceptors[...], context) {
                guard let handler = handlers[context.method] else {
                    throw unimplemented(context.method)
                }
                return try await handler(requests, context, responder)
            }
            return (last, .ok)
        } catch {
            return (nil, Self.status(of: error, context, logger))
        }
    }

    private static func status(
        of error: any Error, _ context: CallContext, _ logger: Logger
    ) -> RPCStatus {
        let status = RPCStatus(handlerError: error, method: context.method)
        if status.code == .internalError {
            logger.error(
                "a handler failed",
                metadata: [
                    "method": "\(context.method)", "error": "\(type(of: error))",
                    "trace_id": "\(context.traceID)",
                ])
        }
        return status
    }

    private func pass(
        _ rest: ArraySlice<any ServerInterceptor>, _ context: CallContext,
        _ handler: @Sendable () async throws -> RPCMessage?
    ) async throws -> RPCMessage? {
        guard let first = rest.first else { return try await handler() }
        let last = Mutex<RPCMessage?>(nil)
        try await first.intercept(context) {
            let response = try await pass(rest.dropFirst(), context, handler)
            last.withLock { $0 = response }
        }
        return last.withLock { $0.take() }
    }

    /// One line a call: without anybody's data, and quiet while all is well.
    private static func log(
        _ status: RPCStatus, of context: CallContext, after duration: Duration, _ logger: Logger
    ) {
        logger.log(
            level: status.code == .ok ? .debug : .info, "call ended",
            metadata: [
                "method": "\(context.method)", "code": "\(status.code.name)",
                "milliseconds": "\(Int(duration / .milliseconds(1)))",
                "trace_id": "\(context.traceID)",
            ])
    }

    private func unimplemented(_ method: RPCMethod) -> RPCError {
        let isService = handlers.keys.contains { $0.service == method.service }
        return RPCError(
            code: .unimplemented,
            message: isService
                ? "service \(method.service) has no method \(method.name)"
                : "no service \(method.service) here; is this the right address?")
    }
}
