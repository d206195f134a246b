import Domain
import Evaluation
import Foundation
import TestSupport
import Testing

@Suite("Scoring by the LLM in this process")
struct ScoringRunTests {
    private let small: SmallEvaluation

    init() throws { small = try SmallEvaluation() }

    private func answers(
        to questions: [EvaluationQuestion], file: String
    ) async throws -> (answers: [ScoredQuestion], asked: Int) {
        let recommender = try ReleaseRecommender(small.release)
        let prompts = try small.prompts()
        let scorer = try await PromptScorer(
            recommender, prompts: prompts, model: RealModel.path, threads: 2)
        var last = 0
        let answers = try await ScoringRun(
            recommender, prompts: prompts, scorer: scorer,
            file: ScoreFile(path: file, header: small.header())
        ).answers(to: questions, generates: true) { _, asked in last = asked }
        await scorer.shutDown()
        return (answers, last)
    }

    @Test("a run goes on where a killed one stopped, and nothing is scored twice")
    func resumes() async throws {
        let path = small.path("scores.jsonl")
        let questions = try small.questions() + small.questions(.permutedTokens)
        let (first, asked) = try await answers(to: questions, file: path)
        #expect(asked == questions.count && first.map(\.question) == questions)
        for answer in first {
            #expect(answer.llm?.allSatisfy { ($0 ?? 1) < 0 } == true)
            #expect((answer.text != nil) == (answer.question.kind == .listWise))
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        let kept = lines.prefix(3).joined(separator: "\n") + "\n" + lines[3].prefix(40)
        try Data(kept.utf8).write(to: URL(filePath: path))
        let (second, askedAgain) = try await answers(to: questions, file: path)
        #expect(askedAgain == questions.count - 2)
        for (one, other) in zip(first, second) {
            #expect(one.question == other.question && one.srs == other.srs)
            for (score, again) in zip(one.llm ?? [], other.llm ?? []) {
                #expect(abs((score ?? 0) - (again ?? 9)) < 1e-3)
            }
        }
        let (third, askedNone) = try await answers(to: questions, file: path)
        #expect(askedNone == 0 && third == second)
    }

    @Test("the behavioural tokens of other items move the scores")
    func permuted() async throws {
        let questions =
            try small.questions().prefix(1) + small.questions(.permutedTokens).prefix(1)
        let (answers, _) = try await answers(
            to: Array(questions), file: small.path("scores.jsonl"))
        let (plain, permuted) = (answers[0].llm ?? [], answers[1].llm ?? [])
        #expect(answers[0].srs == answers[1].srs)
        #expect(zip(plain, permuted).contains { abs(($0 ?? 0) - ($1 ?? 0)) > 0.01 })
    }

    @Test("another LLM than the release's is refused before anything is loaded")
    func otherModel() async throws {
        let path = small.path("other.gguf")
        try Data("GGUF".utf8).write(to: URL(filePath: path))
        let recommender = try ReleaseRecommender(small.release)
        let prompts = try small.prompts()
        await #expect(throws: EvaluationFailure.self) {
            _ = try await PromptScorer(recommender, prompts: prompts, model: path, threads: 1)
        }
    }

    @Test("vectors without a projector, and rows of other data, are refused")
    func refusals() throws {
        let text = try SmallEvaluation(isHybrid: false)
        #expect(throws: EvaluationFailure.self) { try text.prompts(representation: .hybrid) }
        #expect(throws: Never.self) { try text.prompts() }
        let other = try RandomRelease(itemIDs: SmallEvaluation.itemIDs).release
        #expect(throws: EvaluationFailure.self) { try small.rows.requireTraining(of: other) }
        #expect(throws: Never.self) { try small.rows.requireTraining(of: small.release) }
    }
}
