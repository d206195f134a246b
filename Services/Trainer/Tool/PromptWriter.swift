import Domain
import GatewayCore
import Llama
import RankerCore
import TrainingCore
import TrainingModels

/// Writes training prompts with the gateway's composer and cuts them into tokens as the ranker does.
struct PromptWriter {
    /// Most positions of a prompt: what the gateway's budget leaves a prompt, with its template.
    static let maximumPositions = 3_840

    let tokenizer: LlamaTokenizer
    let titles: [HybridInputs.ItemTitle]
    let templates: [PromptTemplate]
    /// The template that is served.
    let servedTemplate: Int

    /// What one prompt is about, in item indices.
    struct Question {
        /// The items before the target, oldest first; the newest are shown.
        let prefix: [Int]
        /// The candidates in the order shown.
        let candidates: [Int]
        /// Which of them are scored.
        let scored: [Int]

        var history: [Int] { prefix.suffix(PromptComposer.maximumHistory) }
    }

    /// How a batch's prompts look.
    struct Style {
        let representation: Representation
        let template: Int
        let hasUserState: Bool

        /// Whether there is anything to project.
        var hasVectors: Bool { representation.hasBehaviouralTokens }
        var showsUserState: Bool { hasUserState && hasVectors }
    }

    /// The prompts of a batch, and what each of their vectors is a projection of.
    struct Batch {
        var examples: [PromptExample]
        /// The item of each of the first rows.
        var items: [Int]
        /// The prefixes whose states are the rows after them.
        var users: [[Int]]

        /// Positions that the network computes: prompts and answers.
        var positionCount: Int { examples.reduce(0) { $0 + $1.positionCount } }
    }

    func batch(_ questions: [Question], style: Style) throws -> Batch {
        var rows: [Int: Int] = [:]
        var items: [Int] = []
        if style.hasVectors {
            for item in questions.flatMap({ $0.history + $0.candidates }) where rows[item] == nil {
                rows[item] = items.count
                items.append(item)
            }
        }
        let examples = try questions.enumerated().map { number, question in
            try example(
                question, style: style, rows: rows,
                userRow: style.showsUserState ? items.count + number : nil)
        }
        return Batch(
            examples: examples, items: items,
            users: style.showsUserState ? questions.map(\.prefix) : [])
    }

    /// The candidates that fit a prompt beside the history, `first` among them.
    func fitting(prefix: [Int], first: Int, others: [Int], hasUserState: Bool) -> [Int] {
        let history = Array(prefix.suffix(PromptComposer.maximumHistory))
        let candidates = [first] + others
        let shown = shownTitles(history + candidates)
        let count = PromptBudget.candidateCount(
            history: history.map { shown[titles[$0].id] ?? "" },
            candidates: candidates.map { shown[titles[$0].id] ?? "" },
            hasUserState: hasUserState)
        return Array(candidates.prefix(max(1, count)))
    }

    /// The candidates in the order in which the gateway shows them.
    func asServed(_ candidates: [Int], after prefix: [Int]) -> [Int] {
        let byID = Dictionary(candidates.map { (titles[$0].id, $0) }) { first, _ in first }
        let history = prefix.suffix(PromptComposer.maximumHistory).map { titles[$0].id }
        return CandidateOrder.shown(
            candidateIDs: candidates.map { titles[$0].id }, historyIDs: history
        ).compactMap { byID[$0] }
    }

    private func example(
        _ question: Question, style: Style, rows: [Int: Int], userRow: Int?
    ) throws -> PromptExample {
        let history = question.history
        let shown = shownTitles(history + question.candidates)
        func item(_ index: Int) -> PromptItem {
            let id = titles[index].id
            return PromptItem(
                id: id, title: shown[id] ?? id, hasBehaviouralToken: rows[index] != nil)
        }
        let rowByID = Dictionary(rows.map { (titles[$0].id, $1) }) { first, _ in first }
        let composer = PromptComposer(
            template: templates[style.template], representation: style.representation)
        let pieces = composer.compose(
            history: history.map(item), candidates: question.candidates.map(item),
            hasUserState: userRow != nil)
        let segments = pieces.map { piece -> RankPrompt.Segment in
            switch piece {
            case .text(let text): return .text(text)
            case .behaviouralToken(let id):
                let row = rowByID[id] ?? 0
                return .vectors(rows: row..<row + 1)
            case .userState:
                let row = userRow ?? 0
                return .vectors(rows: row..<row + 1)
            }
        }
        let plan = try PromptPlan(
            RankPrompt(segments: segments), beginningOfSequence: tokenizer.beginningOfSequence,
            maximumPositions: Self.maximumPositions
        ) { try tokenizer.tokenize($0) }
        return PromptExample(
            prompt: plan.positions.map { position in
                switch position {
                case .token(let token): .token(token)
                case .row(let row): .vector(row)
                }
            },
            branches: try question.scored.map { candidate in
                let place = question.candidates.firstIndex(of: candidate) ?? 0
                return try tokenizer.tokenize(
                    composer.answer(for: item(candidate), position: history.count + place + 1))
            })
    }

    private func shownTitles(_ items: [Int]) -> [String: String] {
        var seen: Set<Int> = []
        return DistinctTitles.titles(
            items.filter { seen.insert($0).inserted }.map { index in
                let item = titles[index]
                return DistinctTitles.Entry(id: item.id, title: item.title, year: item.year)
            })
    }
}
