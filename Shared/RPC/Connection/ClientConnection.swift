internal import NIOCore

/// What a connection tells to the rest of the client.
final class ClientConnectionSignals: Sendable {
    /// The peer's limits, once the handshake is complete.
    let ready = OneShot<Settings>()
    /// Why no call may be opened any more.
    let unusable = OneShot<String>()
    let closed = OneShot<Void>()
}

/// A connection as other threads see it.
struct ClientConnection: Sendable {
    let signals: ClientConnectionSignals
    private let handler: NIOLoopBound<ClientConnectionHandler>
    private let eventLoop: any EventLoop

    /// Called on the connection's event loop.
    init(handler: ClientConnectionHandler, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
        signals = handler.signals
    }

    /// Makes a call.
    func start(_ attempt: ClientAttempt) {
        eventLoop.execute { handler.value.start(attempt) }
    }

    /// Sends a request of a call whose requests are a stream; nil with `isLast` only ends them.
    func write(_ request: EncodedMessage?, isLast: Bool, of attempt: ClientAttempt) async throws {
        try await withCheckedThrowingContinuation { continuation in
            eventLoop.execute {
                handler.value.write(request, isLast: isLast, of: attempt, continuation)
            }
        }
    }

    /// The caller has read so much of a call that the peer may be told.
    func countConsumed(_ id: StreamID) {
        eventLoop.execute { handler.value.countConsumed(id) }
    }

    /// Tells the peer that nobody waits for a call; its queue has been finished.
    func abandon(_ attempt: ClientAttempt) {
        eventLoop.execute { handler.value.abandon(attempt, code: .cancelled) }
    }

    /// Opens no further call and closes when the last one has ended.
    func beginDrain() { eventLoop.execute { handler.value.beginDrain() } }

    func close() { eventLoop.execute { handler.value.close() } }
}
