import Domain
import Evaluation
import FoundationEssentials
import GatewayCore
import RPC
import ServiceAPI
import TrainingCore
import Wire

/// Questions of a user's own, asked of the running services.
struct EvaluationCases {
    /// One line of the file.
    private struct Line: Decodable {
        let history: [String]
        let candidates: [String]
        let target: String
    }

    /// A question and where it stands.
    struct Case {
        let line: Int
        let question: EvaluationQuestion
    }

    /// The questions, each line a user.
    let cases: [Case]
    /// The file's name, for messages.
    let name: String

    /// Reads JSON lines of `history`, `candidates` and `target`, external ids, history oldest first.
    ///
    /// - Throws: ``CommandError`` naming the line at fault.
    init(path: String) throws {
        let reader = try LineReader(path: path)
        name = reader.name
        var cases: [Case] = []
        while let text = try reader.next() {
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            guard cases.count < CommandLimits.maximumCases else {
                throw Self.refusal(
                    reader, "the file has more than \(CommandLimits.maximumCases) cases",
                    advice: "split the file")
            }
            cases.append(
                Case(line: reader.lineNumber, question: try Self.question(text, reader)))
        }
        guard !cases.isEmpty else {
            throw CommandError(
                .badData, "\(name) has no case",
                advice: "write one object with history, candidates and target on each line")
        }
        self.cases = cases
    }

    private static func question(
        _ text: String, _ reader: LineReader
    ) throws -> EvaluationQuestion {
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else {
            throw refusal(
                reader, "no JSON object with history, candidates and target",
                advice: #"write {"history": ["1"], "candidates": ["2", "3"], "target": "2"}"#)
        }
        func require(_ isGood: Bool, _ message: String) throws {
            guard isGood else {
                throw refusal(reader, message, advice: "correct the line and run again")
            }
        }
        try require(
            (1...WireLimits.maximumHistory).contains(line.history.count),
            "history has \(line.history.count) items; give 1 to \(WireLimits.maximumHistory)")
        try require(
            (2...CommandLimits.maximumAnswer).contains(line.candidates.count),
            "candidates are \(line.candidates.count); give 2 to \(CommandLimits.maximumAnswer)")
        try require(
            Set(line.candidates).count == line.candidates.count, "a candidate stands there twice")
        try require(line.candidates.contains(line.target), "the target is no candidate")
        return EvaluationQuestion(
            .listWise,
            of: EvaluationCase(
                userID: "line \(reader.lineNumber)", history: line.history, target: line.target),
            candidates: line.candidates)
    }

    private static func refusal(
        _ reader: LineReader, _ message: String, advice: String
    ) -> CommandError {
        CommandError(
            .badData, "\(reader.name), line \(reader.lineNumber): \(message)", advice: advice)
    }
}

/// What the running services answered to all cases.
struct CaseAnswers {
    /// Names what differs from an ordinary answer.
    struct Counts: Equatable {
        /// Answers that say they are degraded.
        var degraded = 0
        /// Cases whose target the catalog does not allow.
        var withoutTarget = 0
    }

    private(set) var scored: [ScoredQuestion] = []
    private(set) var counts = Counts()
    /// What stands behind the answers, the same for all.
    private(set) var provenance: Provenance?
    private(set) var weights = FusionWeights(llm: 0, srs: 1)

    /// Takes one answer.
    ///
    /// - Throws: ``CommandError`` when it is another release's than those before.
    mutating func add(_ answer: RecommendResponse, to question: EvaluationQuestion) throws {
        if let provenance, provenance.manifestSHA256 != answer.provenance?.manifestSHA256 {
            throw CommandError(
                .temporary, "another release became active during the evaluation",
                advice: "run it again")
        }
        provenance = provenance ?? answer.provenance
        let ranked = answer.items.contains { $0.parts?.hasLLM == true }
        if ranked, let provenance = answer.provenance {
            weights = FusionWeights(llm: provenance.llmWeight, srs: provenance.srsWeight)
        }
        let row = EvaluationCase(
            userID: question.userID, history: question.history, target: question.target)
        let ids = answer.items.map(\.id)
        counts.degraded += answer.degraded ? 1 : 0
        counts.withoutTarget += ids.contains(question.target) ? 0 : 1
        scored.append(
            ScoredQuestion(
                EvaluationQuestion(.listWise, of: row, candidates: ids),
                srs: answer.items.map { $0.parts?.srs ?? 0 },
                llm: ranked
                    ? answer.items.map { $0.parts.flatMap { $0.hasLLM ? $0.llm : nil } } : nil))
    }

    /// The call that asks a case.
    static func request(
        _ question: EvaluationQuestion, representation: Representation?
    ) -> RecommendRequest {
        RecommendRequest(
            sequence: ItemSequence(items: question.history.map { HistoryItem(itemID: $0) }),
            candidateItemIDs: question.candidates, count: question.candidates.count,
            candidateCount: question.candidates.count, includeSeen: true,
            representation: representation)
    }
}
