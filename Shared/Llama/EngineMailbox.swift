internal import Dispatch
internal import RankerCore
internal import Synchronization

/// Hands requests from callers to the engine's thread and results back: the shell around a
/// ``BatchScheduler``.
final class EngineMailbox: Sendable {
    typealias Reply = CheckedContinuation<RankScores, any Error>
    typealias Tokens = AsyncThrowingStream<GeneratedToken, any Error>.Continuation

    /// Who waits for a request.
    enum Client: Sendable {
        case scores(Reply)
        case tokens(Tokens)
    }

    fileprivate struct Entry {
        let client: Client
        let submitted: ContinuousClock.Instant
        var started: ContinuousClock.Instant?
    }

    private struct State {
        var scheduler: BatchScheduler
        var entries: [RequestID: Entry] = [:]
        var nextID: RequestID = 0
        var isClosed = false
        var hasEnded = false
        var endWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let abort = AbortFlag()
    /// Signalled once for each request that comes or goes, so the thread may wake for nothing.
    private let wake = DispatchSemaphore(value: 0)

    init(limits: BatchLimits) { state = Mutex(State(scheduler: BatchScheduler(limits: limits))) }

    var statistics: EngineStatistics { state.withLock { $0.scheduler.statistics } }

    func makeID() -> RequestID {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    /// Queues `work`; `client` gets its result.
    ///
    /// - Throws: `LlamaError` if it is refused; `client` gets nothing then.
    func submit(
        _ work: EngineWork, id: RequestID, client: Client, at now: ContinuousClock.Instant
    ) throws(LlamaError) {
        let admission = state.withLock { state in
            let admission = state.scheduler.submit(id, work)
            if admission == .accepted {
                state.entries[id] = Entry(client: client, submitted: now)
            }
            return admission
        }
        try Self.require(admission)
        wake.signal()
    }

    /// Refuses at once what would be refused once it is tokenised.
    ///
    /// - Throws: `LlamaError` when no request would be taken now.
    func requireRoom() throws(LlamaError) {
        try Self.require(state.withLock { $0.scheduler.preview() })
    }

    private static func require(
        _ admission: RankQueue<RequestID>.Admission
    ) throws(LlamaError) {
        switch admission {
        case .accepted: return
        case .refused(let count, let tokens):
            throw LlamaError(
                .resourceExhausted,
                "\(count) requests of \(tokens) tokens wait for the engine already; try another "
                    + "replica or later")
        case .closed: throw closedError
        }
    }

    /// The caller gave up: ends a request that waits or runs.
    func cancel(_ id: RequestID) {
        guard let (entry, _) = stop(id) else { return }
        entry.client.finish(throwing: CancellationError())
    }

    /// The deadline passed: ends a request that waits or runs with what was reached of it.
    func expire(_ id: RequestID) {
        guard let (entry, partial) = stop(id) else { return }
        switch (partial, entry.client) {
        case (.scores(let scores), .scores(let reply)):
            reply.resume(returning: entry.timed(scores, at: .now))
        case (.generated, .tokens(let tokens)): tokens.finish()
        default: entry.client.finish(throwing: Self.expiredError)
        }
    }

    private func stop(_ id: RequestID) -> (Entry, BatchScheduler.Partial?)? {
        let stopped = state.withLock { state -> (Entry, BatchScheduler.Partial?)? in
            guard let stopped = state.scheduler.stop(id),
                let entry = state.entries.removeValue(forKey: id)
            else { return nil }
            if stopped.abortsStep { abort.set() }
            if case .generated(let token) = stopped.partial { entry.client.yield([token]) }
            return (entry, stopped.partial)
        }
        if stopped != nil { wake.signal() }
        return stopped
    }

    /// Refuses new requests, ends those that wait or run, and lets the thread end.
    func close() {
        let entries = state.withLock { state -> [Entry] in
            guard !state.isClosed else { return [] }
            state.isClosed = true
            abort.set()
            return state.scheduler.close().compactMap { state.entries.removeValue(forKey: $0) }
        }
        for entry in entries { entry.client.finish(throwing: Self.closedError) }
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
}

// The thread's side.
extension EngineMailbox {
    /// The thread's loop: step after step until ``close()``.
    func serve(_ work: (BatchStep, AbortFlag) throws(LlamaError) -> StepOutcome) {
        while !state.withLock({ $0.isClosed }) {
            wake.wait()
            while let step = nextStep() {
                do throws(LlamaError) {
                    finish(try work(step, abort), failure: nil)
                } catch {
                    finish(.failed, failure: error)
                }
            }
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

    private func nextStep() -> BatchStep? {
        state.withLock { state in
            abort.reset()
            guard let step = state.scheduler.nextStep() else { return nil }
            let now = ContinuousClock.now
            for share in step.shares where share.isFirst {
                state.entries[share.request]?.started = now
            }
            return step
        }
    }

    private func finish(_ outcome: StepOutcome, failure: LlamaError?) {
        let answers = state.withLock { state in
            state.scheduler.finish(outcome).map { event in
                let entry =
                    event.isLast
                    ? state.entries.removeValue(forKey: event.request)
                    : state.entries[event.request]
                // Under the lock, so that no token comes after the one that a deadline brings.
                if case .generated(_, let tokens) = event { entry?.client.yield(tokens) }
                return (entry, event)
            }
        }
        let now = ContinuousClock.now
        for (entry, event) in answers { entry?.answer(event, failure, at: now) }
    }

    static let closedError = LlamaError(
        .unavailable, "the engine is shutting down; try another replica")
    static let expiredError = LlamaError(
        .deadlineExceeded,
        "the deadline passed before the prompt was read; allow more time, shorten the prompt, or "
            + "add ranker replicas")
    static let notFiniteError = LlamaError(
        .engine, "the model's output is not finite; the prompt's vectors may be too large")
}

extension EngineMailbox.Client {
    /// Passes tokens on; its stream has room for all that a generation may have.
    func yield(_ generated: [GeneratedToken]) {
        guard case .tokens(let tokens) = self else { return }
        for token in generated { tokens.yield(token) }
    }

    /// Ends without a result.
    func finish(throwing error: any Error) {
        switch self {
        case .scores(let reply): reply.resume(throwing: error)
        case .tokens(let tokens): tokens.finish(throwing: error)
        }
    }
}

extension EngineMailbox.Entry {
    /// `scores` with the times of this request.
    func timed(_ scores: RankScores, at now: ContinuousClock.Instant) -> RankScores {
        var scores = scores
        let started = started ?? now
        scores.queueTime = submitted.duration(to: started)
        scores.computeTime = started.duration(to: now)
        return scores
    }

    /// Ends what is over with `event`; `failure` is why a step failed.
    func answer(
        _ event: BatchScheduler.Event, _ failure: LlamaError?, at now: ContinuousClock.Instant
    ) {
        switch (event, client) {
        case (.scored(_, let scores), .scores(let reply)):
            reply.resume(returning: timed(scores, at: now))
        case (.generated, .tokens(let tokens)): if event.isLast { tokens.finish() }
        case (.failed(_, true), _): client.finish(throwing: EngineMailbox.notFiniteError)
        default: client.finish(throwing: failure ?? EngineMailbox.notFiniteError)
        }
    }
}
