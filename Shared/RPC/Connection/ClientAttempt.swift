internal import Synchronization

/// One try of one call on one connection.
final class ClientAttempt: Sendable {
    let call: OutgoingCall
    let responses: MessageQueue
    let streamID: StreamNumber
    /// The one request; nil once it has been sent, and where requests are a stream.
    private let request: Mutex<EncodedMessage?>

    init(
        _ call: OutgoingCall, request: EncodedMessage?, on connection: ClientConnection,
        limits: RPCLimits
    ) {
        self.call = call
        self.request = Mutex(request)
        let streamID = StreamNumber()
        self.streamID = streamID
        responses = MessageQueue(reportBytes: limits.consumptionReportBytes) {
            connection.countConsumed(streamID.current)
        }
    }

    /// Gives the request away, so that whoever sends it is its only owner.
    func takeRequest() -> EncodedMessage? { request.withLock { $0.take() } }
}

/// The number of a call's stream: set on the event loop when the call is opened; 0 before.
final class StreamNumber: Sendable {
    private let value = Atomic<StreamID>(0)

    var current: StreamID { value.load(ordering: .relaxed) }

    func set(_ id: StreamID) { value.store(id, ordering: .relaxed) }
}
