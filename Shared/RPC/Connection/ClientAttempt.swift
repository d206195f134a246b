internal import Synchronization

/// One try of one call on one connection.
final class ClientAttempt: Sendable {
    let call: OutgoingCall
    let request: EncodedMessage
    let responses: MessageQueue
    /// Set on the event loop when the call is opened; 0 before.
    let streamID = Atomic<StreamID>(0)

    init(_ call: OutgoingCall, request: EncodedMessage, responses: MessageQueue) {
        self.call = call
        self.request = request
        self.responses = responses
    }
}
