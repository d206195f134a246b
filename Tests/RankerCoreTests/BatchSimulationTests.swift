import Domain
import RankerCore
import Testing

/// Hundreds of requests that come, go, give up and fail, by a seed.
@Suite("Simulated engine")
struct BatchSimulationTests {
    @Test("every request ends once, with its own scores, and nothing stays", arguments: 0..<12)
    func simulation(_ seed: UInt64) {
        var simulation = Simulation(seed: seed)
        for _ in 0..<400 { simulation.act() }
        simulation.drain()
        #expect(simulation.engine.faults.isEmpty)
        #expect(simulation.wrong.isEmpty)
        #expect(simulation.open.isEmpty)
        #expect(simulation.engine.sequences.isEmpty)
        let statistics = simulation.scheduler.statistics
        #expect(statistics.runningRequests == 0)
        #expect(statistics.waitingTokens == 0)
        #expect(statistics.keptPrompts <= simulation.limits.keptPrompts)
        #expect(statistics.keptTokens == simulation.engine.savedCount)
        #expect(statistics.keptTokens <= simulation.limits.keptTokens)
        #expect(statistics.startedRequests > 15)
        #expect(statistics.reusedTokens > 0)
        #expect(statistics.stoppedRequests > 0)
        #expect(simulation.engine.clearings > 3)
    }

    @Test("the same seed gives the same steps")
    func determinism() {
        var (one, other) = (Simulation(seed: 5), Simulation(seed: 5))
        for _ in 0..<100 {
            one.act()
            other.act()
        }
        #expect(one.log == other.log)
    }

    @Test("a long prompt and another adapter neither starve nor hold short requests up")
    func fairness() {
        let limits = BatchSchedulerTests.limits
        var scheduler = BatchScheduler(limits: limits)
        var engine = FakeEngine(capacity: limits.cells)
        let long = BatchSchedulerTests.prompt(0..<200)
        _ = scheduler.submit(0, BatchSchedulerTests.scoring(long, [[1, 9]]))
        _ = scheduler.submit(1, BatchSchedulerTests.scoring(long, [[1, 9]], adapter: "a"))
        var ends: [RequestID: Int] = [:]
        var next: RequestID = 2
        for step in 0..<400 where ends[0] == nil || ends[1] == nil {
            if step % 2 == 0 {
                let prompt = BatchSchedulerTests.prompt(Int32(next)..<Int32(next) + 4)
                _ = scheduler.submit(next, BatchSchedulerTests.scoring(prompt, [[1, 9]]))
                next += 1
            }
            guard let batch = scheduler.nextStep() else { break }
            for event in scheduler.finish(engine.run(batch)) { ends[event.request] = step }
        }
        #expect(ends[0] != nil)
        #expect(ends[1] != nil)
        // The first short one came with the long ones and was long done before.
        #expect((ends[2] ?? .max) < 30)
        #expect(engine.faults.isEmpty)
    }

    @Test("a long request ends beside others who give up in every step", arguments: 0..<4)
    func endlessCancels(_ seed: UInt64) {
        let limits = BatchSchedulerTests.limits
        var scheduler = BatchScheduler(limits: limits)
        var engine = FakeEngine(capacity: limits.cells)
        var random = SeededGenerator(seed: seed)
        let work = BatchSchedulerTests.scoring(BatchSchedulerTests.prompt(0..<60), [[1, 9]])
        _ = scheduler.submit(0, work)
        var next: RequestID = 1
        var steps = 0
        var isOver = false
        while !isOver, steps < 200 {
            let others = next..<next + 3
            next += 3
            for id in others {
                let prompt = BatchSchedulerTests.prompt(1_000...1_040)
                _ = scheduler.submit(id, BatchSchedulerTests.scoring(prompt, [[1, 9]]))
            }
            guard let step = scheduler.nextStep() else { break }
            var aborts = false
            for id in others.shuffled(using: &random) {
                aborts = scheduler.stop(id)?.abortsStep == true || aborts
            }
            let events = scheduler.finish(engine.run(step, aborts: aborts))
            isOver = events.contains { $0.request == 0 && $0.isLast }
            steps += 1
        }
        #expect(isOver)
        #expect(scheduler.statistics.abortedSteps > 0)
        #expect(engine.faults.isEmpty)
    }
}

private struct Simulation {
    let limits = BatchLimits(
        sequences: 40, cells: 160, runningRequests: 4, soloStepTokens: 24, sharedStepTokens: 12,
        waitingTokens: 600, waitingRequests: 20, keptPrompts: 4, keptTokens: 200)
    private(set) var scheduler: BatchScheduler
    private(set) var engine: FakeEngine
    /// Requests that wait for their end, with what they must come to.
    private(set) var open: [RequestID: (work: EngineWork, lists: [[Int32]])] = [:]
    private(set) var wrong: [String] = []
    private(set) var log: [BatchStep] = []
    private var random: SeededGenerator
    private var nextID: RequestID = 0
    private var flight: BatchStep?

    init(seed: UInt64) {
        scheduler = BatchScheduler(limits: limits)
        engine = FakeEngine(capacity: limits.cells)
        random = SeededGenerator(seed: seed)
    }

    mutating func act() {
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: submit()
        case 2:
            if let id = open.keys.sorted().randomElement(using: &random) { stop(id) }
        case 3 where Int.random(in: 0..<12, using: &random) == 0: failStep()
        default: step(aborts: Int.random(in: 0..<20, using: &random) == 0)
        }
    }

    mutating func drain() {
        for _ in 0..<10_000 {
            guard flight != nil || beginStep() else { return }
            step(aborts: false)
        }
        wrong.append("it does not end")
    }

    private mutating func submit() {
        nextID += 1
        // A few users, whose prompts have a long beginning in common with their last ones.
        let user = Int32.random(in: 0..<5, using: &random)
        let length = Int32.random(in: 5..<70, using: &random)
        var prompt = (0..<length).map { PositionInput.token($0 + 100 * user) }
        prompt.append(.vector([Float(Int.random(in: 0..<3, using: &random))]))
        prompt.append(.token(7))
        let adapter = Int.random(in: 0..<4, using: &random) == 0 ? "a" : nil
        let count = Int.random(in: 1...40, using: &random)
        let lists = RandomTokens.lists(count: count, seed: random.next())
        let trie = CandidateTrie(tokenLists: lists)
        let purpose: EngineWork.Purpose =
            Int.random(in: 0..<4, using: &random) == 0
            ? .generate(
                GenerationTask(
                    candidates: nil, maximumTokenCount: 20, temperature: 0, seed: 1,
                    vocabulary: ByteVocabulary()))
            : .score(trie, TrieWave.plan(trie, maximumTokens: 8, maximumSequences: 8))
        let work = EngineWork(prompt: prompt, adapter: adapter, purpose: purpose)
        if scheduler.submit(nextID, work) == .accepted { open[nextID] = (work, lists) }
    }

    private mutating func stop(_ id: RequestID) {
        let stopped = scheduler.stop(id)
        guard let request = open.removeValue(forKey: id), stopped != nil else {
            return wrong.append("\(id) was open and is over")
        }
        if case .scores(let scores)? = stopped?.partial { check(scores, request, isWhole: false) }
    }

    private mutating func beginStep() -> Bool {
        flight = scheduler.nextStep()
        if let flight { log.append(flight) }
        return flight != nil
    }

    /// Ends the step under way, or begins one, so that requests come and go in between.
    private mutating func step(aborts: Bool) {
        guard let step = flight else { return _ = beginStep() }
        flight = nil
        for event in scheduler.finish(engine.run(step, aborts: aborts)) { take(event) }
    }

    /// The step under way fails: all that run end, and nobody else.
    private mutating func failStep() {
        guard let step = flight else { return }
        flight = nil
        let running = scheduler.statistics.runningRequests
        let events = scheduler.finish(engine.fail(step))
        for event in events where open.removeValue(forKey: event.request) == nil {
            wrong.append("\(event.request) fails and is over")
        }
        let failed = events.allSatisfy { $0 == .failed($0.request, notFinite: false) }
        if events.count != running || !failed { wrong.append("\(running) ran, \(events)") }
    }

    private mutating func take(_ event: BatchScheduler.Event) {
        guard let request = open[event.request] else {
            return wrong.append("\(event.request) ends twice")
        }
        if event.isLast { open[event.request] = nil }
        switch event {
        case .scored(_, let scores): check(scores, request, isWhole: true)
        case .generated: break
        case .failed: wrong.append("\(event.request) failed")
        }
    }

    private mutating func check(
        _ scores: RankScores, _ request: (work: EngineWork, lists: [[Int32]]), isWhole: Bool
    ) {
        let expected = BatchSchedulerTests.expected(request.work, request.lists)
        for (score, value) in zip(scores.candidates, expected) {
            guard let reached = score.logLikelihood else {
                if isWhole { wrong.append("a candidate was not reached") }
                continue
            }
            if abs(reached - value) > 1e-9 { wrong.append("\(reached) instead of \(value)") }
        }
    }
}
