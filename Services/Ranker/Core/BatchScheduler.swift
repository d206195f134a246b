/// Which requests the engine works on, and what each step of it holds.
///
/// Requests start in the order in which they came, as soon as cells and sequences are there for
/// a prompt and its largest wave; so none waits for another once it runs. Several that run share the
/// steps: each has a guaranteed part, and the rest goes to those that are nearest to their end, in
/// every eighth step to the one that has run longest, so that short ones are soon done and long ones
/// go on. Requests with different adapters take turns.
///
/// A value without clock or engine: ``nextStep()`` says what to do, ``finish(_:)`` takes what came
/// of it; meanwhile requests may come and go.
public struct BatchScheduler: Sendable {
    /// What becomes of requests, for those who wait for them.
    public enum Event: Sendable, Equatable {
        /// All candidates are scored; it is over.
        case scored(RequestID, RankScores)
        /// New tokens; over if the last has a reason to end.
        case generated(RequestID, [GeneratedToken])
        /// The engine failed, or the model's output was no number; it is over.
        case failed(RequestID, notFinite: Bool)

        /// Whose it is.
        public var request: RequestID {
            switch self {
            case .scored(let id, _), .generated(let id, _), .failed(let id, _): id
            }
        }

        /// Whether the request is over with it.
        public var isLast: Bool {
            switch self {
            case .generated(_, let tokens): tokens.last?.finishReason != nil
            case .scored, .failed: true
            }
        }
    }

    /// What a request that gives up leaves.
    public struct Stopped: Sendable, Equatable {
        /// What was reached of it: nil if its prompt was not read.
        public var partial: Partial?
        /// Whether the step under way is to be aborted.
        public var abortsStep = false
    }

    /// What was reached before a deadline.
    public enum Partial: Sendable, Equatable {
        /// Candidates not reached have no score.
        case scores(RankScores)
        /// The end of a generation.
        case generated(GeneratedToken)
    }

    let limits: BatchLimits
    var counts = EngineStatistics()
    var queue: RankQueue<RequestID>
    var waiting: [RequestID: EngineWork] = [:]
    /// In the order in which they started.
    var running: [RunningRequest] = []
    /// Requests that gave up while a step held a part of them.
    var leaving: [RunningRequest] = []
    var kept: KeptPrompts
    var snapshots = 0
    var freeSequences: [Int32]
    /// Cells taken since the cache was last cleared, buried ones included.
    var takenCells = 0
    var commands: [CacheCommand] = []
    var mustWipe = false
    var flight: BatchStep?
    var lastWasAborted = false

    /// An idle engine with an empty cache.
    public init(limits: BatchLimits) {
        self.limits = limits
        queue = RankQueue(
            maximumWaitingTokens: limits.waitingTokens, maximumWaiters: limits.waitingRequests)
        kept = KeptPrompts(
            maximumCount: limits.keptPrompts, maximumTokens: limits.keptTokens)
        freeSequences = Self.allSequences(limits)
    }

    /// What it has done and holds.
    public var statistics: EngineStatistics {
        var statistics = counts
        statistics.runningRequests = running.count
        statistics.waitingRequests = queue.waitingCount
        statistics.waitingTokens = queue.waitingTokens
        statistics.keptPrompts = kept.count
        statistics.keptTokens = kept.tokenCount
        return statistics
    }

    /// Whether the smallest request would be taken now: asked before a request is tokenised, which
    /// costs more than a refusal.
    public mutating func preview() -> RankQueue<RequestID>.Admission {
        counted(queue.admission(tokens: 1))
    }

    /// Takes a request, or refuses it.
    ///
    /// The caller has seen to it that an empty cache has room for it.
    public mutating func submit(
        _ id: RequestID, _ work: EngineWork
    ) -> RankQueue<RequestID>.Admission {
        precondition(
            work.cellCount <= limits.cells && work.waveSequenceCount < limits.sequences,
            "a request fits the cache")
        let admission = counted(queue.submit(id, tokens: work.tokenCount))
        if admission == .accepted { waiting[id] = work }
        return admission
    }

    private mutating func counted(
        _ admission: RankQueue<RequestID>.Admission
    ) -> RankQueue<RequestID>.Admission {
        if case .refused = admission { counts.refusedRequests += 1 }
        return admission
    }

    /// A request gives up, waiting or running; nil if it is over.
    ///
    /// Its sequences are free with the next step. The step under way is aborted if half of it or
    /// more is for requests that gave up; else those who share it would pay more than is saved.
    /// Never twice in a row, unless nobody else shares it: those who do would never get on.
    public mutating func stop(_ id: RequestID) -> Stopped? {
        if queue.leave(id) {
            waiting[id] = nil
            counts.stoppedRequests += 1
            return Stopped()
        }
        guard let index = running.firstIndex(where: { $0.id == id }) else { return nil }
        var request = running.remove(at: index)
        counts.stoppedRequests += 1
        leaving.append(request)
        var stopped = Stopped()
        if request.isPromptRead {
            stopped.partial =
                request.result.map(Partial.scores) ?? request.expire().map(Partial.generated)
        }
        if let flight, request.plannedCount > 0 {
            let wasted = leaving.reduce(0) { $0 + $1.plannedCount }
            let count = flight.positions.count
            stopped.abortsStep = wasted == count || (!lastWasAborted && 2 * wasted >= count)
        }
        return stopped
    }

    /// No request is taken any more.
    ///
    /// - Returns: Those that wait and those that run, which are stopped.
    public mutating func close() -> [RequestID] {
        let ids = queue.close() + running.map(\.id)
        waiting = [:]
        leaving += running
        running = []
        return ids
    }

    /// What the engine is to do next; nil if nothing.
    public mutating func nextStep() -> BatchStep? {
        precondition(flight == nil, "one step at a time")
        for request in leaving { release(request) }
        leaving = []
        if running.isEmpty, takenCells > 0 || mustWipe { clear(data: mustWipe) }
        startWaiting()
        compactIfNeeded()
        var step = BatchStep()
        step.commands = commands
        commands = []
        compose(&step)
        guard !step.positions.isEmpty || !step.commands.isEmpty else { return nil }
        if !step.positions.isEmpty { counts.steps += 1 }
        flight = step
        return step
    }

    /// Takes what came of the last step.
    public mutating func finish(_ outcome: StepOutcome) -> [Event] {
        guard let step = flight else { preconditionFailure("a step is finished once") }
        flight = nil
        lastWasAborted = false
        switch outcome {
        case .done(let answers):
            precondition(answers.count == step.outputs.count, "an answer for each question")
            return advance(answers, step)
        case .aborted:
            counts.abortedSteps += 1
            lastWasAborted = true
            undo(step)
            return []
        case .failed:
            return startAfresh().map { .failed($0, notFinite: false) }
        }
    }
}
