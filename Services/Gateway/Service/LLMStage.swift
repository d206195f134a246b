import Domain
import GatewayCore
import RPC
import ServiceAPI
import Wire

/// What the LLM said of the candidates.
struct LLMRanking {
    /// Log-likelihood and token count by item id, of the candidates it reached.
    let scores: [String: (logLikelihood: Double, tokenCount: Int)]
    /// The prompt for a person; a behavioural token is written `<item:ID>`.
    let prompt: String
    let promptTokenCount: Int
    let adapter: String
}

/// Rows, behavioural tokens, prompt, ranking: the part of a call that needs the release's LLM.
struct LLMStage: Sendable {
    let encoder: EncoderClient
    let projector: ProjectorClient
    let ranker: RankerClient
    let release: ReleaseReference
    let template: PromptTemplate

    /// Ranks `candidates` after `history`; titles come from `titles`, by id.
    ///
    /// - Throws: `StageFailure` naming the stage, or `CancellationError`.
    func rank(
        history: [String], candidates: [String], titles: [String: String],
        representation: Representation, remaining: () -> Duration, clock: inout StageClock
    ) async throws -> LLMRanking {
        let shown = CandidateOrder.shown(candidateIDs: candidates, historyIDs: history)
        var tokens = BehaviouralTokens.none
        if representation == .hybrid || representation == .behavioural {
            tokens = try await behaviouralTokens(
                of: history + shown, remaining: remaining, clock: &clock)
        }
        let item = { (id: String) in
            PromptItem(
                id: id, title: titles[id] ?? id, hasBehaviouralToken: tokens.rowByItem[id] != nil)
        }
        let composer = PromptComposer(template: template, representation: representation)
        let pieces = composer.compose(history: history.map(item), candidates: shown.map(item))
        let request = RankRequest(
            release: release.description, adapter: "",
            prompt: pieces.map { Self.segment($0, rows: tokens.rowByItem) },
            candidates: shown.enumerated().map { offset, id in
                RankCandidate(
                    id: id,
                    text: composer.answer(for: item(id), position: history.count + offset + 1))
            }, vectors: tokens.vectors)
        let response = try await call("ranker", clock: &clock) {
            try await ranker.rank(
                request,
                options: CallOptions(timeout: DeadlineBudget(remaining: remaining()).ranker))
        }
        try requireRelease(response.release, release, stage: "ranker")
        return LLMRanking(
            scores: Dictionary(
                uniqueKeysWithValues: response.candidates.filter(\.scored).map {
                    ($0.id, ($0.logLikelihood, $0.tokenCount))
                }),
            prompt: Self.readable(pieces), promptTokenCount: response.promptTokenCount, adapter: "")
    }

    private func behaviouralTokens(
        of itemIDs: [String], remaining: () -> Duration, clock: inout StageClock
    ) async throws -> BehaviouralTokens {
        var seen = Set<String>()
        let unique = itemIDs.filter { seen.insert($0).inserted }
        let rows = try await call("item_rows", failingAs: "encoder", clock: &clock) {
            try await encoder.itemRows(
                ItemRowsRequest(release: release.description, itemIDs: unique),
                options: CallOptions(timeout: DeadlineBudget(remaining: remaining()).smallStage))
        }
        try requireRelease(rows.release, release, stage: "encoder")
        guard !rows.itemIDs.isEmpty else { return .none }
        let projected = try await call("projector", clock: &clock) {
            try await projector.project(
                ProjectRequest(release: release.description, role: "item", vectors: rows.rows),
                options: CallOptions(timeout: DeadlineBudget(remaining: remaining()).smallStage))
        }
        try requireRelease(projected.release, release, stage: "projector")
        guard projected.vectors.rows == rows.itemIDs.count else {
            throw StageFailure(
                stage: "projector", reason: "internal",
                message: "projector answered \(projected.vectors.rows) rows for "
                    + "\(rows.itemIDs.count)")
        }
        return BehaviouralTokens(
            rowByItem: Dictionary(
                uniqueKeysWithValues: rows.itemIDs.enumerated().map { ($1, $0) }),
            vectors: projected.vectors)
    }

    private func call<Response>(
        _ stage: String, failingAs failing: String? = nil, clock: inout StageClock,
        _ work: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await clock.time(stage, work)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StageFailure(stage: failing ?? stage, error: error)
        }
    }

    private static func segment(_ piece: PromptPiece, rows: [String: Int]) -> PromptSegment {
        switch piece {
        case .text(let text): .text(text)
        case .behaviouralToken(let id): .vectors(role: "item", firstRow: rows[id] ?? 0, rowCount: 1)
        }
    }

    private static func readable(_ pieces: [PromptPiece]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .behaviouralToken(let id): "<item:\(id)>"
            }
        }.joined()
    }
}

/// Behavioural tokens by item: row numbers into one tensor of width H.
private struct BehaviouralTokens {
    let rowByItem: [String: Int]
    let vectors: FloatTensor?

    static let none = BehaviouralTokens(rowByItem: [:], vectors: nil)
}
