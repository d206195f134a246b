internal import Dispatch
internal import Synchronization

/// Named limits of the computations of one network.
public enum ComputeLimits {
    /// Computations that wait for the one that runs; more are refused with `queueFull`.
    public static let maximumWaiting = 256
}

/// A thread beside the cooperative pool for computations that take longer than a call should
/// hold one of the pool's few threads; they run one after another.
///
/// Waiting is bounded: beyond the limit work is refused at once, and work that nobody waits for
/// any more, cancelled or past its deadline, is never computed.
final class ComputeQueue: Sendable {
    private struct Entry {
        let number: UInt64
        let deadline: ContinuousClock.Instant?
        /// Computes and resumes the caller, or with an error just resumes.
        let finish: @Sendable (ComputeError?) -> Void
    }

    private struct State {
        var waiting: [Entry] = []
        var lastNumber: UInt64 = 0
        /// Calls that were cancelled while their entry did not stand in the queue.
        var cancelled: Set<UInt64> = []
    }

    private let queue: DispatchQueue
    private let limit: Int
    private let state = Mutex(State())

    init(label: String, limit: Int) {
        queue = DispatchQueue(label: label)
        self.limit = limit
    }

    /// Computations that wait.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// Runs `body` after those before it, and returns what it gives.
    ///
    /// - Parameter isContinued: whether this goes on with work that was admitted before, which is
    ///   not refused for want of a place.
    /// - Throws: `ComputeError` with `queueFull`, `deadlinePassed` or `cancelled` where nothing was
    ///   computed; else what `body` throws.
    func run<Value: Sendable>(
        deadline: ContinuousClock.Instant? = nil, isContinued: Bool = false,
        _ body: @escaping @Sendable () throws(ComputeError) -> Value
    ) async throws(ComputeError) -> Value {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let outcome: Result<Value, ComputeError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let entry = Entry(number: number, deadline: deadline) { error in
                    continuation.resume(
                        returning: error.map(Result.failure) ?? Result(catching: body))
                }
                if let refusal = admit(entry, isContinued: isContinued) {
                    return entry.finish(refusal)
                }
                queue.async { self.runNext() }
            }
        } onCancel: {
            cancel(number)
        }
        state.withLock { _ = $0.cancelled.remove(number) }
        return try outcome.get()
    }

    private func admit(_ entry: Entry, isContinued: Bool) -> ComputeError? {
        state.withLock { state in
            if state.cancelled.remove(entry.number) != nil { return .cancelled }
            if !isContinued && state.waiting.count >= limit {
                return ComputeError(
                    code: .queueFull, message: "\(limit) computations wait already")
            }
            state.waiting.append(entry)
            return nil
        }
    }

    /// The entry leaves the queue at once, so that its place is free again.
    private func cancel(_ number: UInt64) {
        let entry = state.withLock { state -> Entry? in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else {
                state.cancelled.insert(number)
                return nil
            }
            return state.waiting.remove(at: index)
        }
        entry?.finish(.cancelled)
    }

    private func runNext() {
        let entry = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        guard let entry else { return }
        let isLate = entry.deadline.map { $0 <= ContinuousClock.now } ?? false
        entry.finish(isLate ? .deadlinePassed : nil)
    }
}

extension ComputeError {
    static var cancelled: ComputeError {
        ComputeError(code: .cancelled, message: "nobody waits for the computation any more")
    }

    static var deadlinePassed: ComputeError {
        ComputeError(
            code: .deadlinePassed, message: "the deadline passed before the computation began")
    }
}
