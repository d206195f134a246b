internal import NIOCore
internal import Synchronization

/// Messages of one direction of one call between who delivers them and the one task that reads.
///
/// The first end wins, so that a reader sees exactly one status.
final class MessageQueue: Sendable {
    /// What a reader gets.
    enum Delivery: Sendable {
        case message(RPCMessage)
        case end(RPCStatus)
        /// The call never reached a handler: it may be made again on another connection.
        case refused(RPCError)
    }

    enum End: Sendable {
        case status(RPCStatus)
        case refused(RPCError)

        var delivery: Delivery {
            switch self {
            case .status(let status): .end(status)
            case .refused(let error): .refused(error)
            }
        }
    }

    private struct Held {
        var message: RPCMessage
        var bytes: Int
    }

    private struct Writer {
        var held: Held
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var held = CircularBuffer<Held>()
        var writers = CircularBuffer<Writer>()
        var reader: CheckedContinuation<Delivery, Never>?
        var end: End?
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let ledger: UnreadLedger?

    /// A queue for `capacity` messages; `ledger` counts the bytes in it together with other queues.
    init(capacity: Int, ledger: UnreadLedger? = nil) {
        self.capacity = capacity
        self.ledger = ledger
    }

    private enum Placement {
        case handedTo(CheckedContinuation<Delivery, Never>)
        case held
        case full
        case over(End)
    }

    private func place(_ held: Held, in state: inout State) -> Placement {
        if let end = state.end { return .over(end) }
        if let reader = state.reader.take() { return .handedTo(reader) }
        guard state.held.count < capacity else { return .full }
        state.held.append(held)
        ledger?.add(held.bytes)
        return .held
    }

    /// Adds a message; false if the queue is full.
    ///
    /// A message after the end is dropped.
    func push(_ message: RPCMessage, bytes: Int) -> Bool {
        let held = Held(message: message, bytes: bytes)
        switch state.withLock({ place(held, in: &$0) }) {
        case .handedTo(let reader): reader.resume(returning: .message(message))
        case .held, .over: break
        case .full: return false
        }
        return true
    }

    /// Adds a message, waiting for room; throws the status if the call ends before there is any.
    func pushWaiting(_ message: RPCMessage, bytes: Int) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let held = Held(message: message, bytes: bytes)
            let placement = state.withLock { state in
                let placement = place(held, in: &state)
                if case .full = placement {
                    state.writers.append(Writer(held: held, continuation: continuation))
                }
                return placement
            }
            switch placement {
            case .handedTo(let reader):
                reader.resume(returning: .message(message))
                continuation.resume()
            case .held: continuation.resume()
            case .full: break
            case .over(let end): continuation.resume(throwing: Self.error(writingAfter: end))
            }
        }
    }

    /// Ends the queue; false if it had ended.
    ///
    /// With `discarding` what is unread is dropped.
    @discardableResult
    func finish(_ end: End, discarding: Bool = false) -> Bool {
        struct Outcome {
            var won = false
            var reader: CheckedContinuation<Delivery, Never>?
            var writers = CircularBuffer<Writer>()
        }
        let outcome = state.withLock { state in
            guard state.end == nil else { return Outcome() }
            state.end = end
            if discarding { drop(&state) }
            let writers = state.writers
            state.writers.removeAll()
            return Outcome(won: true, reader: state.reader.take(), writers: writers)
        }
        outcome.reader?.resume(returning: end.delivery)
        for writer in outcome.writers {
            writer.continuation.resume(throwing: Self.error(writingAfter: end))
        }
        return outcome.won
    }

    /// Drops what is unread, whether or not the queue has ended.
    func discard() {
        state.withLock { drop(&$0) }
    }

    /// The next message, or how the call ended.
    ///
    /// Ends only by one of those: whoever cancels a reader must also finish the queue.
    func next() async -> Delivery {
        await withCheckedContinuation { continuation in
            let (delivery, writer) = state.withLock { take(for: continuation, from: &$0) }
            if let delivery { continuation.resume(returning: delivery) }
            writer?.resume()
        }
    }

    /// What a reader gets at once, and the writer for whose message there is now room.
    private func take(
        for reader: CheckedContinuation<Delivery, Never>, from state: inout State
    ) -> (Delivery?, CheckedContinuation<Void, any Error>?) {
        if let held = state.held.popFirst() {
            ledger?.remove(held.bytes)
            guard let writer = state.writers.popFirst() else {
                return (.message(held.message), nil)
            }
            state.held.append(writer.held)
            ledger?.add(writer.held.bytes)
            return (.message(held.message), writer.continuation)
        }
        if let end = state.end { return (end.delivery, nil) }
        guard state.reader == nil else {
            let error = RPCError(
                code: .failedPrecondition, message: "a stream is read by one task at a time")
            return (.end(RPCStatus(error)), nil)
        }
        state.reader = reader
        return (nil, nil)
    }

    private func drop(_ state: inout State) {
        ledger?.remove(state.held.reduce(0) { $0 + $1.bytes })
        state.held.removeAll()
    }

    private static func error(writingAfter end: End) -> RPCError {
        switch end {
        case .refused(let error): error
        case .status(let status):
            status.error ?? RPCError(code: .cancelled, message: "the caller reads no further")
        }
    }
}
