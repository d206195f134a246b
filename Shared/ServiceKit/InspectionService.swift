public import RPC
public import ServiceAPI
public import Wire

/// Answers the Inspection service from what the server has noted.
public struct InspectionService: InspectionHandler {
    private let inspection: ServerInspection
    private let methods: ListMethodsResponse

    /// Tells of a server with these methods.
    public init(_ inspection: ServerInspection, methods: [RPCMethod]) {
        self.inspection = inspection
        self.methods = Self.describe(methods)
    }

    /// Connections, open calls and slow calls at this moment.
    public func inspect(
        _ request: InspectRequest, context: CallContext
    ) async throws -> InspectResponse {
        let (connections, count) = await inspection.connections()
        let now = ContinuousClock.now
        return InspectResponse(
            connections: connections.map { Self.report($0, now: now) }, connectionCount: count,
            slowCalls: inspection.slowCalls(now: now).map { Self.report($0, now: now) },
            version: BuildInformation.version)
    }

    /// The server's methods and the messages that they use.
    public func listMethods(
        _ request: ListMethodsRequest, context: CallContext
    ) async throws -> ListMethodsResponse { methods }

    private static func report(
        _ connection: ConnectionInspection, now: ContinuousClock.Instant
    ) -> ConnectionReport {
        ConnectionReport(
            peer: connection.peer,
            ageMilliseconds: (now - connection.start) / .milliseconds(1),
            startedCalls: connection.startedCallCount, receivedBytes: connection.receivedBytes,
            sentBytes: connection.sentBytes, draining: connection.isDraining,
            openCalls: connection.openCalls.map { call in
                CallReport(
                    method: "\(call.method)", peer: connection.peer, traceID: call.traceID,
                    durationMilliseconds: (now - call.start) / .milliseconds(1))
            })
    }

    private static func report(_ call: EndedCall, now: ContinuousClock.Instant) -> CallReport {
        CallReport(
            method: "\(call.method)", peer: call.peer, traceID: call.traceID,
            durationMilliseconds: call.duration / .milliseconds(1), status: call.code.name,
            endedMillisecondsAgo: max(0, (now - call.end) / .milliseconds(1)))
    }

    private static func describe(_ methods: [RPCMethod]) -> ListMethodsResponse {
        var response = ListMethodsResponse()
        var messages: [String: MessageDescription] = [:]
        for method in methods.sorted(by: { "\($0)" < "\($1)" }) {
            let schema = ServiceSchema.all.first { $0.name == method.service }?
                .methods.first { $0.name == method.name }
            response.methods.append(
                MethodDescription(
                    method: "\(method)", request: schema?.request.name ?? "",
                    response: schema?.response.name ?? ""))
            for message in [schema?.request, schema?.response].compactMap(\.self) {
                collect(message, into: &messages)
            }
        }
        response.messages = messages.values.sorted { $0.name < $1.name }
        return response
    }

    /// Messages do not contain themselves (Proto/README.md), so that this ends.
    private static func collect(
        _ schema: MessageSchema, into messages: inout [String: MessageDescription]
    ) {
        guard messages[schema.name] == nil else { return }
        messages[schema.name] = MessageDescription(
            name: schema.name,
            fields: schema.fields.map { field in
                FieldDescription(
                    name: field.name, number: Int(field.number), type: field.typeName,
                    repeated: field.isRepeated)
            })
        for case .message(let inner) in schema.fields.map(\.kind) {
            collect(inner, into: &messages)
        }
    }
}
