import Evaluation
import GatewayCore
import Testing
import TrainingCore

@Suite("Tables of an evaluation")
struct EvaluationSummaryTests {
    private let small: SmallEvaluation
    private let prompts: QuestionPrompts

    init() throws {
        small = try SmallEvaluation(isHybrid: false)
        prompts = try small.prompts()
    }

    /// The three test users, each asked in two draws; the LLM is right in every first draw, the
    /// recommender for the first user, and the text of the second draw names no film.
    private func answers(_ kind: EvaluationQuestion.Kind = .listWise) -> [ScoredQuestion] {
        (0..<2).flatMap { draw in
            small.rows.rows.enumerated().map { user, row in
                let negatives = SmallEvaluation.itemIDs.filter {
                    $0 != row.target && !row.history.contains($0)
                }
                let best = [10.0, 1, 1, 1, 1]
                let worst = [0.0, 1, 1, 1, 1]
                return ScoredQuestion(
                    EvaluationQuestion(
                        kind, draw: draw, of: row, candidates: [row.target] + negatives.prefix(4)),
                    srs: user == 0 ? best : worst, llm: draw == 0 ? best : worst,
                    text: draw == 0 ? " Film Number \(row.target)" : "none")
            }
        }
    }

    private func tables(
        _ answers: [ScoredQuestion], weights: FusionWeights = FusionWeights(llm: 1, srs: 0.01)
    ) -> [String: EvaluationTable] {
        let summary = EvaluationSummary(answers, weights: weights, prompts: prompts, seed: 1)
        return Dictionary(uniqueKeysWithValues: summary.tables.map { ($0.name, $0) })
    }

    private func mean(_ table: EvaluationTable?, _ row: String, _ column: String) throws -> Double {
        let table = try #require(table)
        let place = try #require(table.columns.firstIndex { $0.name == column })
        let found = try #require(table.rows.first { $0.name == row })
        return try #require(found.cells[place]).mean
    }

    @Test("a user's value is the mean over the draws, and N counts users")
    func listWise() throws {
        let table = tables(answers())["list_wise"]
        #expect(try abs(mean(table, "srs", "hit_ratio_at_1") - 1.0 / 3) < 1e-12)
        #expect(try mean(table, "llm", "hit_ratio_at_1") == 0.5)
        #expect(try mean(table, "fused", "hit_ratio_at_1") == 0.5)
        #expect(try abs(mean(table, "fused_minus_srs", "hit_ratio_at_1") - 1.0 / 6) < 1e-12)
        #expect(try mean(table, "srs", "hit_ratio_at_5") == 1)
        #expect(table?.rows.allSatisfy { $0.cells.allSatisfy { $0?.count == 3 } } == true)
    }

    @Test("the fused order is that of the release's weights")
    func weights() throws {
        let table = tables(answers(), weights: FusionWeights(llm: 0, srs: 1))["list_wise"]
        #expect(try mean(table, "fused_minus_srs", "hit_ratio_at_1") == 0)
    }

    @Test("free text: valid of all, correct of all, correct of valid")
    func freeText() throws {
        let table = tables(answers())["free_text"]
        #expect(try mean(table, "exact_or_longest", "valid_ratio") == 0.5)
        #expect(try mean(table, "exact_or_longest", "hit_ratio_at_1") == 0.5)
        #expect(try mean(table, "exact_or_longest", "hit_ratio_over_valid") == 1)
    }

    @Test("a target that was not retrieved is a miss of every ranker")
    func served() throws {
        let answers = answers(.served).map { answer in
            let question = answer.question
            let row = EvaluationCase(
                userID: question.userID, history: question.history, target: question.target)
            return ScoredQuestion(
                EvaluationQuestion(
                    .served, of: row, candidates: Array(question.candidates.dropFirst())),
                srs: [4, 3, 2, 1], llm: [1, 2, 3, 4])
        }
        let table = tables(answers)["served"]
        #expect(try mean(table, "srs", "ndcg_at_10") == 0)
        #expect(try mean(table, "fused", "hit_ratio_at_10") == 0)
    }

    @Test("without an LLM the recommender stands alone")
    func withoutLLM() throws {
        let tables = tables(
            answers().map { ScoredQuestion($0.question, srs: $0.srs) })
        #expect(tables.keys.sorted() == ["list_wise"])
        #expect(tables["list_wise"]?.rows.map(\.name) == ["srs"])
    }

    @Test("answers without the LLM count for the recommender and the fused order alone")
    func partlyWithoutLLM() throws {
        let degraded = small.rows.rows[0].userID
        let answers = answers().filter { $0.question.draw == 0 }.map {
            $0.question.userID == degraded ? ScoredQuestion($0.question, srs: $0.srs) : $0
        }
        let table = try #require(tables(answers)["list_wise"])
        let counts = table.rows.map { $0.cells[0]?.count }
        #expect(table.rows.map(\.name) == ["srs", "llm", "fused", "fused_minus_srs"])
        #expect(counts == [3, 2, 3, 3])
        // The LLM is right about both that it was asked of, the recommender about the third.
        #expect(try mean(table, "llm", "hit_ratio_at_1") == 1)
        #expect(try mean(table, "fused", "hit_ratio_at_1") == 1)
    }

    @Test("a target that did not fit the prompt is a miss of the LLM's, not its last of few")
    func targetWithoutScore() throws {
        let row = small.rows.rows[0]
        let other = try #require(SmallEvaluation.itemIDs.first { $0 != row.target })
        let answer = ScoredQuestion(
            EvaluationQuestion(.listWise, of: row, candidates: [row.target, other]),
            srs: [1, 0], llm: [nil, -3])
        let table = tables([answer])["list_wise"]
        #expect(try mean(table, "llm", "hit_ratio_at_5") == 0)
        #expect(try mean(table, "srs", "hit_ratio_at_5") == 1)
    }

    @Test("diagnostics compare the same questions, and group them by the target's place")
    func diagnostics() throws {
        let tables = tables(answers() + answers(.shuffledHistory))
        #expect(try mean(tables["shuffled_history"], "llm_difference", "hit_ratio_at_1") == 0)
        let positions = try #require(tables["positions"])
        #expect(positions.rows.count == 4)
        #expect(positions.rows.compactMap { $0.cells[0]?.count }.reduce(0, +) >= 3)
    }

    @Test("rows are drawn by the seed, and fewer are a part of more")
    func rows() {
        let all = small.rows.rows
        let two = EvaluationRows(small.dataSet, negatives: 4, count: 2).rows
        let one = EvaluationRows(small.dataSet, negatives: 4, count: 1).rows
        #expect(all.count == 3 && two.count == 2 && one.count == 1)
        #expect(Set(one).isSubset(of: two) && Set(two).isSubset(of: all))
        #expect(EvaluationRows(small.dataSet, negatives: 4, count: 9).rows == all)
    }

    @Test("what would be served leaves out all that the user saw, the target apart")
    func servedCandidates() throws {
        let recommender = try ReleaseRecommender(small.release)
        for question in try small.rows.questions(.served, retrievedBy: recommender) {
            let seen = small.dataSet.seen[question.userID, default: []]
            #expect(question.candidates.count == EvaluationQuestion.servedCount)
            #expect(seen.intersection(question.candidates).subtracting([question.target]).isEmpty)
        }
        let full = try small.rows.questions(.full, retrievedBy: recommender)
        // The whole catalog of 40 without the history of 5.
        #expect(full.allSatisfy { $0.candidates.count == 35 && $0.candidates.contains($0.target) })
    }
}
