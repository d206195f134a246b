internal import Dispatch
internal import RankerCore
internal import Synchronization

/// Hands jobs from callers to the engine's thread and results back.
final class EngineMailbox: Sendable {
    typealias JobID = UInt64
    typealias Reply = CheckedContinuation<RankScores, any Error>

    private struct State {
        var queue: RankQueue<JobID>
        var entries: [JobID: Entry] = [:]
        var nextID: JobID = 0
        var isClosed = false
        var hasEnded = false
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private struct Entry {
        let job: ScoringJob
        let reply: Reply
    }

    private let state: Mutex<State>
    /// Signalled once for each accepted job and once for the end; a job that left leaves its
    /// signal behind, so the thread may wake for nothing.
    private let wake = DispatchSemaphore(value: 0)

    init(maximumWaitingTokens: Int) {
        state = Mutex(State(queue: RankQueue(maximumWaitingTokens: maximumWaitingTokens)))
    }

    var waitingTokens: Int { state.withLock { $0.queue.waitingTokens } }

    func makeID() -> JobID {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// Queues `job`; `reply` gets its result, at once if it is refused.
    func submit(_ job: ScoringJob, id: JobID, reply: Reply) {
        let refusal: (any Error)? = state.withLock { state in
            // Whoever cancels sets the control first and then looks for a waiter, so one of the
            // two sees the other.
            if job.control.isCancelled { return CancellationError() }
            if job.control.hasExpired { return ScoringJob.expired }
            switch state.queue.submit(id, tokens: job.tokenCount) {
            case .accepted:
                state.entries[id] = Entry(job: job, reply: reply)
                return nil
            case .refused(let waitingTokens):
                return LlamaError(
                    .resourceExhausted,
                    "\(waitingTokens) tokens wait for the engine already; try another replica "
                        + "or later")
            case .closed:
                return Self.closedError
            }
        }
        if let refusal { reply.resume(throwing: refusal) } else { wake.signal() }
    }

    /// Ends a job that still waits; one that runs is stopped by its control.
    func leave(_ id: JobID, error: any Error) {
        let entry = state.withLock { state in
            state.queue.leave(id) ? state.entries.removeValue(forKey: id) : nil
        }
        entry?.reply.resume(throwing: error)
    }

    /// Refuses new jobs and those that wait, stops the one that runs, and ends the thread.
    func close() {
        let waiters = state.withLock { state -> [Entry] in
            guard !state.isClosed else { return [] }
            state.isClosed = true
            if let running = state.queue.running { state.entries[running]?.job.control.cancel() }
            return state.queue.close().compactMap { state.entries.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter.reply.resume(throwing: Self.closedError) }
        wake.signal()
    }

    /// Returns when the thread has let go of the context.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.endWaiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// The thread's loop: works job after job until ``close()``.
    func serve(_ work: (ScoringJob) throws -> RankScores) {
        while true {
            wake.wait()
            let (entry, isClosed) = state.withLock { state in
                let id = state.queue.takeNext()
                return (id.flatMap { state.entries[$0] }, state.isClosed)
            }
            if let entry { finish(entry, Result { try work(entry.job) }) }
            if isClosed { return }
        }
    }

    /// The thread is about to end: nothing uses the context any more.
    func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.endWaiters = [] }
            return state.endWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func finish(_ entry: Entry, _ result: Result<RankScores, any Error>) {
        let isClosed = state.withLock { state in
            if let running = state.queue.running { state.entries[running] = nil }
            state.queue.finish()
            return state.isClosed
        }
        if isClosed, case .failure(is CancellationError) = result {
            entry.reply.resume(throwing: Self.closedError)
        } else {
            entry.reply.resume(with: result)
        }
    }

    private static let closedError = LlamaError(
        .unavailable, "the engine is shutting down; try another replica")
}
