/// Which requests the engine works on, and what each step of it holds.
///
/// Requests start in the order in which they came, as soon as cells and sequences are there for
/// all that they will need; so none waits for another once it runs. Several that run share the
/// steps: each has a guaranteed part, and the rest goes to those that are nearest to their end, so
/// that short ones are soon done and long ones go on. Requests with different adapters take turns.
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
    private var counts = EngineStatistics()
    private var queue: RankQueue<RequestID>
    private var waiting: [RequestID: EngineWork] = [:]
    /// In the order in which they started.
    private var running: [RunningRequest] = []
    /// Requests that gave up while a step held a part of them.
    private var leaving: [RunningRequest] = []
    private var kept: KeptPrompts
    private var freeSequences: [Int32]
    private var commands: [CacheCommand] = []
    private var mustWipe = false
    private var flight: BatchStep?

    /// An idle engine with an empty cache.
    public init(limits: BatchLimits) {
        self.limits = limits
        queue = RankQueue(maximumWaitingTokens: limits.waitingTokens)
        kept = KeptPrompts(
            maximumCount: limits.keptPrompts, maximumTokens: limits.keptTokens)
        freeSequences = (0..<Int32(limits.sequences)).reversed()
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

    /// Takes a request, or refuses it.
    ///
    /// The caller has seen to it that an empty cache has room for it.
    public mutating func submit(
        _ id: RequestID, _ work: EngineWork
    ) -> RankQueue<RequestID>.Admission {
        precondition(
            work.cellCount <= limits.cells && work.waveSequenceCount < limits.sequences,
            "a request fits the cache")
        let admission = queue.submit(id, tokens: work.tokenCount)
        if admission == .accepted { waiting[id] = work }
        if case .refused = admission { counts.refusedRequests += 1 }
        return admission
    }

    /// A request gives up, waiting or running; nil if it is over.
    ///
    /// Its sequences are free with the next step. The step under way is aborted if half of it or
    /// more is for requests that gave up; else those who share it would pay more than is saved.
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
            stopped.abortsStep = 2 * wasted >= flight.positions.count
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
        for request in leaving { release(request.sequences) }
        leaving = []
        if mustWipe, running.isEmpty { wipe() }
        startWaiting()
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
        switch outcome {
        case .done(let answers):
            precondition(answers.count == step.outputs.count, "an answer for each question")
            return advance(answers, step)
        case .aborted:
            counts.abortedSteps += 1
            undo(step)
            return []
        case .failed:
            mustWipe = true
            let failed = running.filter { $0.plannedCount > 0 }
            running.removeAll { $0.plannedCount > 0 }
            leaving += failed
            return failed.map { .failed($0.id, notFinite: false) }
        }
    }
}

// Starting and ending.
extension BatchScheduler {
    /// Cells that running requests hold or will, counted without what they share.
    private var reservedCells: Int { running.reduce(0) { $0 + $1.work.cellCount } }

    private mutating func startWaiting() {
        while !mustWipe, running.count < limits.runningRequests, let id = queue.first,
            let work = waiting[id], hasRoom(for: work)
        {
            _ = queue.takeFirst()
            waiting[id] = nil
            start(id, work)
        }
    }

    /// Whether running requests leave cells and sequences for `work`; what is kept gives way.
    private func hasRoom(for work: EngineWork) -> Bool {
        reservedCells + work.cellCount <= limits.cells
            && freeSequences.count + kept.count >= 1 + work.waveSequenceCount
    }

    private mutating func start(_ id: RequestID, _ work: EngineWork) {
        if freeSequences.isEmpty { dropOldestKept() }
        let match = kept.longestPrefix(of: work.prompt, adapter: work.adapter)
        let sequence = freeSequences.removeLast()
        if let match {
            commands.append(.copy(from: match.sequence, to: sequence, count: match.count))
        }
        while freeSequences.count < work.waveSequenceCount
            || reservedCells + work.cellCount + kept.tokenCount > limits.cells
        {
            dropOldestKept()
        }
        let waveSequences = (0..<work.waveSequenceCount).map { _ in freeSequences.removeLast() }
        counts.startedRequests += 1
        counts.promptTokens += work.prompt.count
        counts.reusedTokens += match?.count ?? 0
        counts.requestsWithReuse += match == nil ? 0 : 1
        running.append(
            RunningRequest(
                id, work, sequence: sequence, waveSequences: waveSequences,
                reusedCount: match?.count ?? 0, lastStep: counts.steps))
    }

    private mutating func dropOldestKept() {
        guard let sequence = kept.removeOldest() else {
            preconditionFailure("room was made before")
        }
        release([sequence])
    }

    private mutating func release(_ sequences: [Int32]) {
        commands += sequences.map { .remove(sequence: $0, from: 0) }
        freeSequences += sequences
    }

    private mutating func wipe() {
        while let sequence = kept.removeOldest() { freeSequences.append(sequence) }
        commands = [.wipe]
        mustWipe = false
    }

    /// A request is over: its prompt stays, the rest goes.
    private mutating func end(_ request: RunningRequest) {
        release(request.waveSequences)
        commands.append(.remove(sequence: request.sequence, from: request.work.prompt.count))
        release(
            kept.keep(
                request.work.prompt, adapter: request.work.adapter, sequence: request.sequence))
    }
}

// Steps.
extension BatchScheduler {
    private mutating func compose(_ step: inout BatchStep) {
        // Who has waited longest for a step says which adapter has its turn.
        guard
            let turn = running.indices.min(by: {
                (running[$0].lastStep, $0) < (running[$1].lastStep, $1)
            })
        else { return }
        step.adapter = running[turn].work.adapter
        let group = running.indices.filter { running[$0].work.adapter == step.adapter }
            .sorted { (running[$0].remainingCount, $0) < (running[$1].remainingCount, $1) }
        let isAlone = running.count == 1
        var left = isAlone ? limits.soloStepTokens : limits.sharedStepTokens
        var shares = group.map {
            min(running[$0].readyCount, isAlone ? left : limits.guaranteedTokens)
        }
        left -= shares.reduce(0, +)
        for (place, index) in group.enumerated() {
            let more = min(left, running[index].readyCount - shares[place])
            shares[place] += more
            left -= more
        }
        for (place, index) in group.enumerated() {
            running[index].fill(&step, count: shares[place], number: counts.steps + 1)
        }
    }

    private mutating func advance(_ answers: [LogitAnswer], _ step: BatchStep) -> [Event] {
        counts.evaluatedTokens += step.positions.count
        return step.shares.flatMap { share -> [Event] in
            guard let index = running.firstIndex(where: { $0.id == share.request }) else {
                return []
            }
            let progress = running[index].advance(answers[share.outputs])
            let generated = running[index].takeGenerated()
            var events: [Event] =
                generated.isEmpty ? [] : [.generated(share.request, generated)]
            guard progress != .running else { return events }
            let request = running.remove(at: index)
            if progress == .notFinite {
                // What is no number could spoil what shares the cache with it.
                mustWipe = true
                release(request.sequences)
                return [.failed(share.request, notFinite: true)]
            }
            end(request)
            if let result = request.result { events.append(.scored(share.request, result)) }
            return events
        }
    }

    /// The cache may hold any part of `step`: nothing of it shall stay.
    private mutating func undo(_ step: BatchStep) {
        var first: [Int32: Int] = [:]
        for position in step.positions {
            for sequence in step.sequences[position.sequences] {
                first[sequence] = min(first[sequence] ?? position.index, position.index)
            }
        }
        commands += first.sorted { $0.key < $1.key }.map { .remove(sequence: $0, from: $1) }
        for index in running.indices { running[index].cancelPlan() }
    }
}
