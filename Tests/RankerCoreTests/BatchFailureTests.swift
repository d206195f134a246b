import RankerCore
import Testing

/// What is left after a step of which nobody knows how far it came.
@Suite("Scheduling after a failure")
struct BatchFailureTests {
    private typealias Base = BatchSchedulerTests

    private let lists: [[Int32]] = [[1, 2, 9], [4, 3, 9]]

    /// Ends request `id` and gives whether its scores are right.
    private func isScored(
        _ id: RequestID, _ work: EngineWork, _ scheduler: inout BatchScheduler,
        _ engine: inout FakeEngine
    ) -> Bool {
        guard scheduler.submit(id, work) == .accepted,
            case .scored(id, let scores)? = Base.drain(&scheduler, &engine).last
        else { return false }
        return Base.isEqual(scores, Base.expected(work, lists))
    }

    @Test("a step of commands only may fail: later requests run, and reuse nothing of before")
    func commandsOnly() {
        var scheduler = BatchScheduler(limits: Base.limits)
        var engine = FakeEngine(capacity: Base.limits.cells)
        let work = Base.scoring(Base.prompt(0..<20), lists)
        _ = scheduler.submit(0, work)
        var step = scheduler.nextStep()
        while let next = step, !next.positions.isEmpty {
            _ = scheduler.finish(engine.run(next))
            step = scheduler.nextStep()
        }
        #expect(step?.commands.contains { if case .save = $0 { true } else { false } } == true)
        // None of it was done: neither is the prompt saved nor the cache cleared.
        #expect(scheduler.finish(.failed).isEmpty)
        #expect(scheduler.statistics.keptPrompts == 0)
        #expect(isScored(1, work, &scheduler, &engine))
        #expect(scheduler.statistics.reusedTokens == 0)
        #expect(engine.savedCount == scheduler.statistics.keptTokens)
        #expect(engine.sequences.isEmpty)
        #expect(engine.faults.isEmpty)
    }

    @Test("a failure with an empty cache does not keep those who wait from running")
    func emptyCache() {
        var scheduler = BatchScheduler(limits: Base.limits)
        var engine = FakeEngine(capacity: Base.limits.cells)
        let work = Base.scoring(Base.prompt(0..<20), lists)
        #expect(isScored(0, work, &scheduler, &engine))
        // The same failure again and again, each time in the first step of a request.
        for id in RequestID(1)..<4 {
            _ = scheduler.submit(id, work)
            _ = scheduler.nextStep()
            #expect(scheduler.finish(.failed) == [.failed(id, notFinite: false)])
        }
        #expect(isScored(9, work, &scheduler, &engine))
        #expect(engine.faults.isEmpty)
    }

    @Test("all that run fail, also those without a part of the step; who waits does not")
    func everyRunningOne() {
        var scheduler = BatchScheduler(limits: Base.limits)
        var engine = FakeEngine(capacity: Base.limits.cells)
        let works = [nil, "a", nil, nil, nil].map {
            Base.scoring(Base.prompt(0..<20), lists, adapter: $0)
        }
        for (id, work) in works.enumerated() { _ = scheduler.submit(RequestID(id), work) }
        let step = scheduler.nextStep()
        #expect(step?.shares.contains { $0.request == 1 } == false)
        let failed = scheduler.finish(.failed)
        #expect(failed == (0..<4).map { .failed($0, notFinite: false) })
        guard case .scored(4, let scores)? = Base.drain(&scheduler, &engine).last else {
            Issue.record("who waited has no scores")
            return
        }
        #expect(Base.isEqual(scores, Base.expected(works[4], lists)))
        #expect(engine.faults.isEmpty)
    }
}
