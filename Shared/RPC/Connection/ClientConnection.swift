internal import NIOCore
internal import Synchronization

/// What a connection tells to the rest of the client.
final class ClientConnectionSignals: Sendable {
    /// The peer's limits, once the handshake is complete.
    let ready = OneShot<Settings>()
    /// Why no call may be opened any more.
    let unusable = OneShot<String>()
    let closed = OneShot<Void>()
    /// Calls that have been given to the connection and have not ended.
    let inFlight = Mutex(0)
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

    /// Takes one of `limit` places; false if there is none.
    func reserve(limit: Int) -> Bool {
        signals.inFlight.withLock { inFlight in
            guard inFlight < limit else { return false }
            inFlight += 1
            return true
        }
    }

    /// Gives back a place in which no call was made.
    func release() { signals.inFlight.withLock { $0 -= 1 } }

    /// Makes a call in a place that was reserved; its end gives the place back.
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
