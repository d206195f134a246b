import Domain
import Testing

@testable import GatewayCore

@Suite("A Recommend request")
struct RecommendPlanTests {
    func plan(_ change: (inout RecommendWishes) -> Void = { _ in }) throws(RecommendRefusal)
        -> RecommendPlan
    {
        var wishes = RecommendWishes()
        wishes.hasUser = true
        change(&wishes)
        return try RecommendPlan(wishes)
    }

    func refusedField(_ change: (inout RecommendWishes) -> Void) -> String? {
        do {
            _ = try plan(change)
            return nil
        } catch {
            return error.field
        }
    }

    @Test("asks for 10 of 20 candidates and 2 fresh items when it says nothing")
    func defaults() throws {
        let plan = try plan()
        #expect(plan.count == 10)
        #expect(plan.candidateCount == 20)
        #expect(plan.llmCount == 20)
        #expect(plan.freshItemCount == 2)
    }

    @Test("takes as many candidates as it answers or as were given, and the LLM the first 20")
    func candidates() throws {
        #expect(try plan { $0.count = 50 }.candidateCount == 50)
        #expect(try plan { $0.count = 50 }.llmCount == 20)
        #expect(try plan { $0.candidateCount = 480 }.llmCount == 480)
        #expect(try plan { $0.candidateCount = 481 }.llmCount == RecommendLimits.maximumRanked)
        #expect(try plan { $0.givenCandidateIDs = ["a", "b"] }.candidateCount == 2)
    }

    @Test("lets nothing join given candidates, nor when it does not want to")
    func freshItems() throws {
        #expect(try plan { $0.givenCandidateIDs = ["a"] }.freshItemCount == 0)
        #expect(try plan { $0.withoutFreshItems = true }.freshItemCount == 0)
        #expect(try plan { $0.freshItemCount = 5 }.freshItemCount == 5)
        #expect(
            refusedField {
                $0.freshItemCount = 1
                $0.withoutFreshItems = true
            } == "fresh_items")
    }

    @Test("is taken at each limit")
    func atLimits() throws {
        _ = try plan {
            $0.count = 100
            $0.candidateCount = 1_000
            $0.excludedCount = 10_000
            $0.freshItemCount = 20
            $0.filters = Array(
                repeating: AttributeFilter(key: "k", anyOf: (0..<64).map(String.init)), count: 16)
        }
        _ = try plan { $0.givenCandidateIDs = (0..<1_000).map(String.init) }
        _ = try plan {
            $0.hasUser = false
            $0.inlineItemIDs = Array(repeating: "1", count: 1_000)
        }
    }

    @Test("is refused just beyond each limit by the field's name")
    func beyondLimits() {
        #expect(refusedField { $0.count = 101 } == "count")
        #expect(refusedField { $0.candidateCount = 1_001 } == "candidate_count")
        #expect(
            refusedField { $0.givenCandidateIDs = (0...1_000).map(String.init) }
                == "candidate_item_ids")
        #expect(refusedField { $0.excludedCount = 10_001 } == "excluded_item_ids")
        #expect(
            refusedField { $0.inlineItemIDs = Array(repeating: "1", count: 1_001) } == "sequence")
        #expect(refusedField { $0.freshItemCount = 21 } == "fresh_items")
        #expect(
            refusedField { $0.filters = Array(repeating: AttributeFilter(key: "k"), count: 17) }
                == "filters")
        #expect(
            refusedField {
                $0.filters = [AttributeFilter(key: "k", anyOf: (0...64).map(String.init))]
            } == "filters[0].any_of")
    }

    @Test("with one candidate twice is refused by the field's name")
    func duplicates() {
        #expect(refusedField { $0.givenCandidateIDs = ["a", "a"] } == "candidate_item_ids")
    }

    @Test("with an id of another Unicode form is refused by its place")
    func form() {
        let decomposed = "cafe\u{301}"
        #expect(
            refusedField { $0.givenCandidateIDs = ["a", decomposed] } == "candidate_item_ids[1]")
        #expect(
            refusedField {
                $0.hasUser = false
                $0.inlineItemIDs = [decomposed]
            } == "sequence.items[0].item_id")
    }

    @Test("needs either a user or a sequence")
    func whose() {
        #expect(refusedField { $0.inlineItemIDs = ["1"] } == "sequence")
        #expect(refusedField { $0.hasUser = false } == "user_id")
    }

    @Test(
        "with a filter that says nothing is refused by its place",
        arguments: [
            (AttributeFilter(key: ""), "filters[0].key"),
            (AttributeFilter(key: "k", range: NumberRange()), "filters[0].range"),
            (
                AttributeFilter(key: "k", range: NumberRange(minimum: 2, maximum: 1)),
                "filters[0].range"
            ),
            (AttributeFilter(key: "k", range: NumberRange(minimum: .nan)), "filters[0].range"),
        ])
    func filters(filter: AttributeFilter, field: String) {
        #expect(refusedField { $0.filters = [filter] } == field)
    }
}
