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

        /// What it says of the replica.
        var outcome: EndpointOutcome {
            switch self {
            case .status(let status): EndpointOutcome(status.code)
            case .refused: .ignored
            }
        }

        var delivery: Delivery {
            switch self {
            case .status(let status): .end(status)
            case .refused(let error): .refused(error)
            }
        }
    }

    private struct Held {
        var message: RPCMessage
        var size: Consumption
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
        var receivedBytes = 0
        /// Read and not taken by ``takeConsumed(promptly:)``.
        var consumed = Consumption.none
        var isPrompt = false
        var isReported = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let reportBytes: Int
    private let report: @Sendable () -> Void

    /// A queue between tasks of one process: writers wait while it holds `capacity` messages.
    init(capacity: Int) {
        self.capacity = capacity
        reportBytes = .max
        report = {}
    }

    /// A queue for messages of a connection, whose peer's windows bound it.
    ///
    /// `report` is called, on the reader's thread, when `reportBytes` of frames have been read, or
    /// less when the reader waits for more: then ``takeConsumed(promptly:)`` is due.
    init(reportBytes: Int, report: @escaping @Sendable () -> Void) {
        capacity = .max
        self.reportBytes = reportBytes
        self.report = report
    }

    private enum Placement {
        case handedTo(CheckedContinuation<Delivery, Never>)
        case held
        case full
        case over(End)
    }

    private func place(_ held: Held, in state: inout State) -> Placement {
        if let end = state.end { return .over(end) }
        state.receivedBytes += held.size.windowBytes
        if let reader = state.reader.take() { return .handedTo(reader) }
        guard state.held.count < capacity else { return .full }
        state.held.append(held)
        return .held
    }

    /// Adds a message, whatever the capacity; returns whether it has been read already.
    ///
    /// A message after the end is dropped, which counts as read.
    func push(_ message: RPCMessage, _ size: Consumption) -> Bool {
        switch state.withLock({ place(Held(message: message, size: size), in: &$0) }) {
        case .handedTo(let reader):
            reader.resume(returning: .message(message))
            return true
        case .held, .full: return false
        case .over: return true
        }
    }

    /// Adds a message, waiting for room; throws the status if the call ends before there is any.
    func pushWaiting(_ message: RPCMessage) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let held = Held(message: message, size: .none)
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
            if discarding { state.held.removeAll() }
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
    func discard() { state.withLock { $0.held.removeAll() } }

    /// Payloads of all messages that have come over a connection, in bytes.
    var receivedBytes: Int { state.withLock { $0.receivedBytes } }

    /// What has come and has not been read.
    var unread: [RPCMessage] { state.withLock { $0.held.map(\.message) } }

    /// How it has ended, read or not; nil before.
    var end: Delivery? { state.withLock { $0.end?.delivery } }

    /// What has been read since the last time; with `promptly` the next message is reported as soon
    /// as it is read.
    func takeConsumed(promptly: Bool = false) -> Consumption {
        state.withLock { state in
            defer {
                state.consumed = .none
                state.isReported = false
            }
            state.isPrompt = promptly
            return state.consumed
        }
    }

    /// The next message, or how the call ended.
    ///
    /// Ends only by one of those: whoever cancels a reader must also finish the queue.
    func next() async -> Delivery {
        // What is there already costs no continuation.
        if let taken = state.withLock({ takeHeld(from: &$0) }), let delivery = taken.delivery {
            settle(taken)
            return delivery
        }
        return await withCheckedContinuation { continuation in
            let taken = state.withLock { take(for: continuation, from: &$0) }
            settle(taken)
            if let delivery = taken.delivery { continuation.resume(returning: delivery) }
        }
    }

    private func settle(_ taken: Taken) {
        if taken.isReportDue { report() }
        taken.writer?.resume()
    }

    private struct Taken {
        /// What the reader gets at once.
        var delivery: Delivery?
        /// The writer for whose message there is now room.
        var writer: CheckedContinuation<Void, any Error>?
        var isReportDue = false
    }

    /// What is there: a message, or the end.
    private func takeHeld(from state: inout State) -> Taken? {
        if let held = state.held.popFirst() {
            state.consumed += held.size
            let isDue = state.isPrompt || state.consumed.windowBytes >= reportBytes
            var taken = Taken(delivery: .message(held.message), isReportDue: reports(isDue, &state))
            if let writer = state.writers.popFirst() {
                state.held.append(writer.held)
                taken.writer = writer.continuation
            }
            return taken
        }
        return state.end.map { Taken(delivery: $0.delivery) }
    }

    private func take(
        for reader: CheckedContinuation<Delivery, Never>, from state: inout State
    ) -> Taken {
        if let taken = takeHeld(from: &state) { return taken }
        guard state.reader == nil else {
            let error = RPCError(
                code: .failedPrecondition, message: "a stream is read by one task at a time")
            return Taken(delivery: .end(RPCStatus(error)))
        }
        state.reader = reader
        return Taken(isReportDue: reports(!state.consumed.isEmpty, &state))
    }

    /// Whether to report now: once, until what was read is taken.
    private func reports(_ isDue: Bool, _ state: inout State) -> Bool {
        guard isDue, !state.isReported else { return false }
        state.isReported = true
        return true
    }

    private static func error(writingAfter end: End) -> RPCError {
        switch end {
        case .refused(let error): error
        case .status(let status):
            status.error ?? RPCError(code: .cancelled, message: "the caller reads no further")
        }
    }
}
