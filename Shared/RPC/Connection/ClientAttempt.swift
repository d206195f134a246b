internal import Synchronization

/// One try of one call on one connection.
final class ClientAttempt: Sendable {
    let call: OutgoingCall
    let responses: MessageQueue
    let streamID: StreamNumber
    /// Of the call, and which attempt this is, where it is not the first.
    let metadata: Metadata
    /// Who wants to know of it.
    let observed: ObservedAttempt?
    /// Told once how it ended, and the time until its first response or its end; before whoever
    /// waits for the end, so that the place is free by then.
    let ended: @Sendable (EndpointOutcome, Duration) -> Void
    /// The one request; nil once it has been sent, and where requests are a stream.
    private let request: Mutex<EncodedMessage?>

    init(
        _ call: OutgoingCall, number: Int, request: EncodedMessage?,
        on connection: ClientConnection, limits: RPCLimits, observed: ObservedAttempt? = nil,
        ended: @escaping @Sendable (EndpointOutcome, Duration) -> Void
    ) {
        self.call = call
        self.observed = observed
        self.ended = ended
        var metadata = call.metadata
        if number > 0 { metadata.add(text: "\(number)", for: Self.key) }
        self.metadata = metadata
        self.request = Mutex(request)
        let streamID = StreamNumber()
        self.streamID = streamID
        responses = MessageQueue(reportBytes: limits.consumptionReportBytes) {
            connection.countConsumed(streamID.current)
        }
    }

    /// Metadata that says how many attempts there were before.
    static let key = "llara-attempt"

    /// Gives the request away, so that whoever sends it is its only owner.
    func takeRequest() -> EncodedMessage? { request.withLock { $0.take() } }
}

/// The number of a call's stream: set on the event loop when the call is opened; 0 before.
final class StreamNumber: Sendable {
    private let value = Atomic<StreamID>(0)

    var current: StreamID { value.load(ordering: .relaxed) }

    func set(_ id: StreamID) { value.store(id, ordering: .relaxed) }
}
