import Testing

@testable import GatewayCore

@Suite("A Recommend request")
struct RecommendPlanTests {
    func plan(
        count: Int = 0, candidateCount: Int = 0, given: [String] = [], excluded: Int = 0,
        inline: Int = 0, hasUser: Bool = false
    ) throws(RecommendRefusal) -> RecommendPlan {
        try RecommendPlan(
            count: count, candidateCount: candidateCount, givenCandidateIDs: given,
            excludedCount: excluded, inlineSequenceCount: inline, hasUser: hasUser)
    }

    @Test("asks for 10 of 20 candidates when it says nothing")
    func defaults() throws {
        let plan = try plan()
        #expect(plan.count == 10)
        #expect(plan.candidateCount == 20)
    }

    @Test("takes as many candidates as it answers or as were given, and the LLM the first 20")
    func candidates() throws {
        #expect(try plan(count: 50).candidateCount == 50)
        #expect(try plan(count: 50).llmCount == 20)
        #expect(try plan(given: ["a", "b"]).candidateCount == 2)
    }

    @Test("is refused just beyond each limit and not at it")
    func limits() throws {
        _ = try plan(count: 100)
        _ = try plan(candidateCount: 1_000)
        _ = try plan(excluded: 10_000)
        _ = try plan(inline: 1_000)
        _ = try plan(given: (0..<1_000).map(String.init))
        #expect(throws: RecommendRefusal.self) { try plan(count: 101) }
        #expect(throws: RecommendRefusal.self) { try plan(candidateCount: 1_001) }
        #expect(throws: RecommendRefusal.self) { try plan(excluded: 10_001) }
        #expect(throws: RecommendRefusal.self) { try plan(inline: 1_001) }
        #expect(throws: RecommendRefusal.self) { try plan(given: (0...1_000).map(String.init)) }
    }

    @Test("with one candidate twice is refused by the field's name")
    func duplicates() {
        #expect {
            try plan(given: ["a", "a"])
        } throws: { ($0 as? RecommendRefusal)?.field == "candidate_item_ids" }
    }

    @Test("with both a user and a sequence is refused")
    func both() {
        #expect(throws: RecommendRefusal.self) { try plan(inline: 1, hasUser: true) }
    }
}

@Suite("The order in which candidates are shown")
struct CandidateOrderTests {
    let ids = (1...20).map(String.init)

    @Test("does not depend on the caller's order")
    func callerOrder() {
        #expect(
            CandidateOrder.shown(candidateIDs: ids, historyIDs: ["x"])
                == CandidateOrder.shown(candidateIDs: ids.reversed(), historyIDs: ["x"]))
    }

    @Test("differs between histories")
    func histories() {
        #expect(
            CandidateOrder.shown(candidateIDs: ids, historyIDs: ["x"])
                != CandidateOrder.shown(candidateIDs: ids, historyIDs: ["y"]))
    }
}

@Suite("The budget of a deadline")
struct DeadlineBudgetTests {
    @Test("keeps a reserve for the answer and gives the ranker the rest")
    func ranker() {
        #expect(DeadlineBudget(remaining: .seconds(2)).ranker == .milliseconds(1_970))
    }

    @Test("never goes below zero")
    func spent() {
        #expect(DeadlineBudget(remaining: .milliseconds(10)).ranker == .zero)
        #expect(DeadlineBudget(remaining: .milliseconds(-10)).smallStage == .zero)
    }
}
