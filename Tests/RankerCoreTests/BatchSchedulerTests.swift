import Domain
import RankerCore
import Testing

@Suite("Scheduling of batches")
struct BatchSchedulerTests {
    static let limits = BatchLimits(
        sequences: 64, cells: 400, runningRequests: 4, soloStepTokens: 32, sharedStepTokens: 16,
        waitingTokens: 10_000, waitingRequests: 8, keptPrompts: 3, keptTokens: 150)

    static func prompt(_ tokens: some Sequence<Int32>) -> [PositionInput] {
        tokens.map(PositionInput.token)
    }

    static func scoring(
        _ prompt: [PositionInput], _ candidates: [[Int32]], adapter: String? = nil
    ) -> EngineWork {
        let trie = CandidateTrie(tokenLists: candidates)
        return EngineWork(
            prompt: prompt, adapter: adapter,
            purpose: .score(
                trie, TrieWave.plan(trie, maximumTokens: 8, maximumSequences: 8)))
    }

    /// Steps until nothing is left to do; gives the events.
    static func drain(
        _ scheduler: inout BatchScheduler, _ engine: inout FakeEngine
    ) -> [BatchScheduler.Event] {
        var events: [BatchScheduler.Event] = []
        while let step = scheduler.nextStep() { events += scheduler.finish(engine.run(step)) }
        return events
    }

    static func expected(_ work: EngineWork, _ candidates: [[Int32]]) -> [Double] {
        candidates.map {
            FakeEngine.logLikelihood(of: $0, after: work.prompt, adapter: work.adapter)
        }
    }

    static func isEqual(_ scores: RankScores?, _ expected: [Double]) -> Bool {
        guard let scores, scores.candidates.count == expected.count else { return false }
        return zip(scores.candidates, expected).allSatisfy {
            abs(($0.logLikelihood ?? .nan) - $1) < 1e-9
        }
    }

    @Test("requests that share steps are scored as if each were alone")
    func sharing() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let lists = RandomTokens.lists(count: 30, seed: 4)
        let works = (0..<4).map { Self.scoring(Self.prompt($0 * 50..<$0 * 50 + 40), lists) }
        for (id, work) in works.enumerated() { _ = scheduler.submit(RequestID(id), work) }
        let events = Self.drain(&scheduler, &engine)
        #expect(events.count == 4)
        for event in events {
            guard case .scored(let id, let scores) = event else {
                Issue.record("request \(event.request) has no scores")
                continue
            }
            #expect(Self.isEqual(scores, Self.expected(works[Int(id)], lists)))
        }
        #expect(engine.faults.isEmpty)
    }

    @Test("a prompt asked again is evaluated from where it differs, with the same scores")
    func reuse() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let lists: [[Int32]] = [[1, 2, 9], [1, 3, 9]]
        let first = Self.scoring(Self.prompt(0..<40), lists)
        let second = Self.scoring(Self.prompt(Array(0..<30) + [99, 98]), lists)
        _ = scheduler.submit(1, first)
        _ = Self.drain(&scheduler, &engine)
        let before = engine.evaluated
        _ = scheduler.submit(2, second)
        guard case .scored(_, let scores)? = Self.drain(&scheduler, &engine).first else {
            Issue.record("the second request has no scores")
            return
        }
        #expect(scores.reusedTokenCount == 30)
        #expect(scores.evaluatedTokenCount == 2 + 3)
        #expect(engine.evaluated - before == 2 + 3)
        #expect(Self.isEqual(scores, Self.expected(second, lists)))
        #expect(scheduler.statistics.hitRate == 30.0 / 72)
        // The same once more: only the last position, whose logits are wanted.
        _ = scheduler.submit(3, second)
        guard case .scored(_, let again)? = Self.drain(&scheduler, &engine).first else { return }
        #expect(again.reusedTokenCount == 31)
        #expect(again.candidates == scores.candidates)
        #expect(scheduler.statistics.keptPrompts == 2)
        #expect(engine.faults.isEmpty)
    }

    @Test("another adapter's prompt, or other vectors in it, are no common beginning")
    func reuseByContent() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        func prompt(_ value: Float) -> [PositionInput] {
            Self.prompt(0..<5) + [.vector([value, 1])] + Self.prompt(5..<10)
        }
        func reused(_ id: RequestID, _ prompt: [PositionInput], _ adapter: String?) -> Int? {
            _ = scheduler.submit(id, Self.scoring(prompt, [[1, 9]], adapter: adapter))
            guard case .scored(_, let scores)? = Self.drain(&scheduler, &engine).first else {
                return nil
            }
            return scores.reusedTokenCount
        }
        #expect(reused(1, prompt(0.5), nil) == 0)
        #expect(reused(2, prompt(0.5), "a") == 0)
        #expect(reused(3, prompt(0.25), nil) == 5)
        #expect(reused(4, prompt(0.5), nil) == 10)
        #expect(engine.faults.isEmpty)
    }

    @Test("who gives up leaves nothing in the cache, whenever it is")
    func stopping() {
        for stopAt in 0..<12 {
            var scheduler = BatchScheduler(limits: Self.limits)
            var engine = FakeEngine(capacity: Self.limits.cells)
            let lists = RandomTokens.lists(count: 20, seed: 8)
            _ = scheduler.submit(1, Self.scoring(Self.prompt(0..<70), lists))
            var isOver = false
            for _ in 0..<stopAt {
                guard let step = scheduler.nextStep() else { break }
                isOver = isOver || !scheduler.finish(engine.run(step)).isEmpty
            }
            let stopped = scheduler.stop(1)
            #expect((stopped == nil) == isOver)
            let events = Self.drain(&scheduler, &engine)
            #expect(events.isEmpty)
            #expect(engine.sequences.isEmpty)
            #expect(engine.savedCount == (isOver ? 70 : 0))
            #expect(engine.faults.isEmpty)
        }
    }

    @Test("a stopped request has the scores that were reached, in the candidates' order")
    func partialResult() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let lists = (0..<40).map { [Int32($0), 50, 9] }
        let work = Self.scoring(Self.prompt(0..<10), lists)
        _ = scheduler.submit(1, work)
        for _ in 0..<3 {
            guard let step = scheduler.nextStep() else { break }
            _ = scheduler.finish(engine.run(step))
        }
        guard case .scores(let scores)? = scheduler.stop(1)?.partial else {
            Issue.record("the prompt was read")
            return
        }
        let reached = scores.candidates.prefix { $0.logLikelihood != nil }.count
        #expect((1..<40).contains(reached))
        #expect(scores.candidates[reached...].allSatisfy { $0.logLikelihood == nil })
        let alone = Self.expected(work, lists)
        for (score, value) in zip(scores.candidates[..<reached], alone) {
            #expect(abs((score.logLikelihood ?? .nan) - value) < 1e-9)
        }
    }

    @Test("of requests that come together some end long before the last, so overload has answers")
    func goodput() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        for id in 0..<4 {
            let work = Self.scoring(Self.prompt(Int32(id) * 100..<Int32(id) * 100 + 60), [[1, 9]])
            _ = scheduler.submit(RequestID(id), work)
        }
        var stepCount = 0
        var ends: [Int] = []
        while let step = scheduler.nextStep() {
            stepCount += 1
            ends += scheduler.finish(engine.run(step)).map { _ in stepCount }
        }
        #expect(ends.count == 4)
        // With even shares all would end with the last step, each after its deadline.
        #expect(ends[0] * 2 <= stepCount)
        #expect(ends[1] * 4 <= stepCount * 3)
    }

    @Test("a long prompt has an eighth of the engine beside short ones without end")
    func longPrompt() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        _ = scheduler.submit(0, Self.scoring(Self.prompt(0..<200), [[1, 9]]))
        var stepCount = 0
        var next: RequestID = 1
        var shortCount = 0
        var isOver = false
        while !isOver, stepCount < 400 {
            // As many as run beside it, each of them nearer to its end.
            while scheduler.statistics.waitingRequests < 4 {
                let first = Int32(next) * 100
                let work = Self.scoring(Self.prompt(first..<first + 20), [[1, 9]])
                _ = scheduler.submit(next, work)
                next += 1
            }
            guard let step = scheduler.nextStep() else { break }
            stepCount += 1
            for event in scheduler.finish(engine.run(step)) {
                if event.request == 0 { isOver = true } else { shortCount += 1 }
            }
        }
        // Of 16 positions 13 are its own in every eighth step, and 1 in the others: 2.5 a step.
        #expect(isOver)
        #expect(stepCount < 100)
        #expect(shortCount > stepCount / 3)
    }

    @Test("an aborted step is done again, without the one who gave up")
    func abort() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let lists: [[Int32]] = [[1, 2, 9], [4, 3, 9]]
        let works = [0, 100].map { Self.scoring(Self.prompt($0..<$0 + 40), lists) }
        _ = scheduler.submit(0, works[0])
        _ = scheduler.submit(1, works[1])
        guard let step = scheduler.nextStep() else { return }
        let shares = [RequestID(0), 1].map { id in
            step.positions.count { $0.input.belongs(to: works[Int(id)]) }
        }
        #expect(shares.allSatisfy { $0 > 0 } && shares[0] != shares[1])
        // The smaller part alone is not worth its mate's work; both parts are.
        #expect(scheduler.stop(1)?.abortsStep == (shares[1] * 2 >= 16))
        let events = scheduler.finish(engine.run(step, aborts: true))
        #expect(events.isEmpty)
        guard case .scored(0, let scores)? = Self.drain(&scheduler, &engine).first else {
            Issue.record("the mate has no scores")
            return
        }
        #expect(Self.isEqual(scores, Self.expected(works[0], lists)))
        #expect(engine.sequences.isEmpty)
        #expect(engine.savedCount == 40)
        #expect(scheduler.statistics.abortedSteps == 1)
        #expect(engine.faults.isEmpty)
    }

    @Test("output that is no number ends its request alone, and the cache is overwritten")
    func notFinite() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let works = [0, 100].map { Self.scoring(Self.prompt($0..<$0 + 8), [[1, 9]]) }
        _ = scheduler.submit(0, works[0])
        _ = scheduler.submit(1, works[1])
        guard let step = scheduler.nextStep(), case .done(var answers) = engine.run(step) else {
            return
        }
        answers[0] = .notFinite
        let events = scheduler.finish(.done(answers))
        #expect(events == [.failed(step.shares[0].request, notFinite: true)])
        _ = scheduler.submit(2, works[0])
        var commands: [CacheCommand] = []
        var ended: [RequestID] = []
        while let step = scheduler.nextStep() {
            commands += step.commands
            ended += scheduler.finish(engine.run(step)).map(\.request)
        }
        #expect(ended == [step.shares[1].request, 2])
        #expect(commands.contains(.clear(data: true)))
        #expect(engine.faults.isEmpty)
    }

    @Test("a failed step ends those who shared it, and later requests start afresh")
    func failedStep() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let work = Self.scoring(Self.prompt(0..<8), [[1, 2, 9]])
        _ = scheduler.submit(0, work)
        _ = scheduler.nextStep()
        let events = scheduler.finish(.failed)
        #expect(events == [.failed(0, notFinite: false)])
        _ = scheduler.submit(1, work)
        guard case .scored(1, let scores)? = Self.drain(&scheduler, &engine).first else {
            Issue.record("the second request has no scores")
            return
        }
        #expect(Self.isEqual(scores, Self.expected(work, [[1, 2, 9]])))
        #expect(engine.clearings > 0)
    }

    @Test("a closed engine takes nobody and gives back who waits and who runs")
    func closing() {
        var scheduler = BatchScheduler(limits: Self.limits)
        var engine = FakeEngine(capacity: Self.limits.cells)
        let work = Self.scoring(Self.prompt(0..<40), [[1, 9]])
        for id in 0..<6 { _ = scheduler.submit(RequestID(id), work) }
        guard let step = scheduler.nextStep() else { return }
        #expect(scheduler.close().sorted() == [0, 1, 2, 3, 4, 5])
        #expect(scheduler.submit(9, work) == .closed)
        #expect(scheduler.finish(engine.run(step)).isEmpty)
        #expect(Self.drain(&scheduler, &engine).isEmpty)
        #expect(engine.sequences.isEmpty)
    }

    @Test("a lone request's step is aborted as soon as it gives up")
    func abortAlone() {
        var scheduler = BatchScheduler(limits: Self.limits)
        _ = scheduler.submit(0, Self.scoring(Self.prompt(0..<40), [[1, 9]]))
        #expect(scheduler.nextStep()?.positions.count == Self.limits.soloStepTokens)
        #expect(scheduler.stop(0)?.abortsStep == true)
        #expect(scheduler.stop(0) == nil)
    }
}

extension PositionInput {
    fileprivate func belongs(to work: EngineWork) -> Bool { work.prompt.contains(self) }
}
