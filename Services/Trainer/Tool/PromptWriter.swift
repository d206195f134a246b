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
    let servedTemplate = 0
    private let indexByID: [String: Int]

    init(
        tokenizer: LlamaTokenizer, titles: [HybridInputs.ItemTitle], templates: [PromptTemplate]
    ) {
        self.tokenizer = tokenizer
        self.titles = titles
        self.templates = templates
        indexByID = Dictionary(uniqueKeysWithValues: titles.enumerated().map { ($1.id, $0) })
    }

    /// What one prompt is about.
    struct Question {
        /// The items before the target, oldest first, in indices; the newest are shown.
        let prefix: [Int]
        let content: PromptContent
        /// Ids of the candidates that are scored, in the order shown.
        let scoredIDs: [String]
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

    /// What a prompt shows after `prefix`, chosen as for a served answer.
    ///
    /// - Parameter candidates: those beyond what fits are left out.
    func content(prefix: [Int], candidates: [Int], hasUserState: Bool) -> PromptContent {
        let recent = Array(prefix.suffix(PromptComposer.maximumHistory))
        return PromptContent(
            recentItemIDs: recent.map { titles[$0].id },
            historyTitles: Set(recent).sorted().map(entry), candidates: candidates.map(entry),
            hasUserState: hasUserState)
    }

    func batch(_ questions: [Question], style: Style) throws -> Batch {
        var rows: [String: Int] = [:]
        var items: [Int] = []
        if style.hasVectors {
            let shown = questions.flatMap { $0.content.historyIDs + $0.content.candidateIDs }
            for id in shown where rows[id] == nil {
                guard let index = indexByID[id] else { continue }
                rows[id] = items.count
                items.append(index)
            }
        }
        let examples = try questions.enumerated().map { number, question in
            try example(
                question, style: style,
                vectors: PromptVectors(
                    rowByItem: rows,
                    userStateRow: style.showsUserState ? items.count + number : nil))
        }
        return Batch(
            examples: examples, items: items,
            users: style.showsUserState ? questions.map(\.prefix) : [])
    }

    private func example(
        _ question: Question, style: Style, vectors: PromptVectors
    ) throws -> PromptExample {
        let composed = question.content.composed(
            by: PromptComposer(
                template: templates[style.template], representation: style.representation),
            with: vectors)
        func row(_ row: Int?) -> RankPrompt.Segment {
            .vectors(rows: (row ?? 0)..<(row ?? 0) + 1)
        }
        let segments = composed.pieces.map { piece -> RankPrompt.Segment in
            switch piece {
            case .text(let text): .text(text)
            case .behaviouralToken(let id): row(vectors.rowByItem[id])
            case .userState: row(vectors.userStateRow)
            }
        }
        let plan = try PromptPlan(
            RankPrompt(segments: segments), beginningOfSequence: tokenizer.beginningOfSequence,
            maximumPositions: Self.maximumPositions
        ) { try tokenizer.tokenize($0) }
        let answers = Dictionary(
            uniqueKeysWithValues: composed.answers.map { ($0.itemID, $0.text) })
        return PromptExample(
            prompt: plan.positions.map { position in
                switch position {
                case .token(let token): .token(token)
                case .row(let row): .vector(row)
                }
            },
            branches: try question.scoredIDs.compactMap { answers[$0] }.map(tokenizer.tokenize))
    }

    private func entry(_ index: Int) -> DistinctTitles.Entry {
        let item = titles[index]
        return DistinctTitles.Entry(id: item.id, title: item.title, year: item.year)
    }
}
