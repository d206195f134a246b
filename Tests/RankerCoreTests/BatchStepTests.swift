import RankerCore
import Testing

/// What a step holds, and what is done in the cache beside it.
@Suite("Steps of the scheduler")
struct BatchStepTests {
    private typealias Base = BatchSchedulerTests

    private let lists: [[Int32]] = [[1, 2, 9], [1, 3, 9], [4, 9]]

    @Test("a prompt and its candidates are one step where they fit it")
    func oneStep() {
        var scheduler = BatchScheduler(limits: Base.limits)
        var engine = FakeEngine(capacity: Base.limits.cells)
        // The trie has four nodes that are read; a step of a lone request holds 32 positions.
        let cases: [(length: Int32, steps: Int)] = [(28, 1), (29, 2), (60, 2), (61, 3)]
        for (number, (length, steps)) in cases.enumerated() {
            let work = Base.scoring(
                Base.prompt(Int32(number) * 100..<Int32(number) * 100 + length), lists)
            let before = scheduler.statistics.steps
            _ = scheduler.submit(RequestID(number), work)
            guard case .scored(_, let scores)? = Base.drain(&scheduler, &engine).last else {
                Issue.record("no scores after \(length) positions")
                return
            }
            #expect(scheduler.statistics.steps - before == steps)
            #expect(Base.isEqual(scores, Base.expected(work, lists)))
        }
        #expect(engine.faults.isEmpty)
    }

    @Test("asked again, a kept prompt's last position and the candidates are one step")
    func keptPrompt() {
        var scheduler = BatchScheduler(limits: Base.limits)
        var engine = FakeEngine(capacity: Base.limits.cells)
        let work = Base.scoring(Base.prompt(0..<100), lists)
        _ = scheduler.submit(0, work)
        _ = Base.drain(&scheduler, &engine)
        let before = scheduler.statistics
        _ = scheduler.submit(1, work)
        let events = Base.drain(&scheduler, &engine)
        guard case .scored(1, let scores)? = events.last else { return }
        #expect(Base.isEqual(scores, Base.expected(work, lists)))
        #expect(scheduler.statistics.steps - before.steps == 1)
        #expect(scheduler.statistics.evaluatedTokens - before.evaluatedTokens == 1 + 4)
        #expect(engine.faults.isEmpty)
    }

    @Test("an aborted step of prompt and candidates leaves nothing, whoever gave up")
    func aborted() {
        for isStopped in [false, true] {
            var scheduler = BatchScheduler(limits: Base.limits)
            var engine = FakeEngine(capacity: Base.limits.cells)
            let work = Base.scoring(Base.prompt(0..<20), lists)
            _ = scheduler.submit(0, work)
            guard let step = scheduler.nextStep() else { return }
            #expect(step.positions.count == 24)
            if isStopped { #expect(scheduler.stop(0)?.partial == nil) }
            #expect(scheduler.finish(engine.run(step, aborts: true)).isEmpty)
            let events = Base.drain(&scheduler, &engine)
            #expect(events.count == (isStopped ? 0 : 1))
            if case .scored(_, let scores)? = events.last {
                #expect(Base.isEqual(scores, Base.expected(work, lists)))
            }
            #expect(engine.sequences.isEmpty)
            #expect(engine.faults.isEmpty)
        }
    }

    @Test("what is buried is cleared once it is more than what lives")
    func clearing() {
        var scheduler = BatchScheduler(limits: Base.limits)
        var engine = FakeEngine(capacity: Base.limits.cells)
        let works = [0, 100].map { Base.scoring(Base.prompt($0..<$0 + 60), lists) }
        for (id, work) in works.enumerated() { _ = scheduler.submit(RequestID(id), work) }
        var ended: [RequestID] = []
        while let step = scheduler.nextStep() {
            if ended == [0] {
                // The second has a few positions; those of the first would be walked past by all
                // that are still to come.
                #expect(step.commands.contains(.clear(data: false)))
                return
            }
            ended += scheduler.finish(engine.run(step)).map(\.request)
        }
        Issue.record("the requests did not end one after another")
    }
}
