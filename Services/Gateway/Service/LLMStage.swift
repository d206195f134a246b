import Domain
import GatewayCore
import RPC
import ServiceAPI
import Wire

/// What the LLM said of the candidates.
struct LLMRanking {
    /// By item id, of the candidates it reached.
    let scores: [String: RankedCandidate]
    /// The prompt for a person; a behavioural token is written `<item:ID>`.
    let prompt: String
    let promptTokenCount: Int
    /// With `explain`: every position, behavioural tokens with their item's id.
    let promptTokens: [PromptToken]
    let evaluatedTokenCount: Int
    let reusedTokenCount: Int
    let adapter: String
}

/// Behavioural tokens, prompt, ranking: the part of a call that needs the release's LLM.
struct LLMStage: Sendable {
    let tokenStage: TokenStage
    let ranker: RankerClient

    /// Ranks the candidates of `content` after its history.
    ///
    /// `sequence` is the user's as the encoder takes it, longer than what is shown.
    ///
    /// - Throws: `StageFailure` naming the stage, or `CancellationError`.
    func rank(
        _ content: PromptContent, after sequence: [HistoryItem], release: ServedRelease,
        representation: Representation, explain: Bool, progress: inout CallProgress
    ) async throws -> LLMRanking {
        let vectors =
            representation.hasBehaviouralTokens
            ? try await tokenStage.vectors(
                of: content.historyIDs + content.candidateIDs, after: sequence, release: release,
                progress: &progress) : .none
        let composer = PromptComposer(
            template: release.template, representation: representation)
        let prompt = content.composed(by: composer, with: vectors)
        let request = RankRequest(
            release: release.reference.description, adapter: "",
            prompt: prompt.pieces.map { Self.segment($0, vectors) },
            candidates: prompt.answers.map { RankCandidate(id: $0.itemID, text: $0.text) },
            vectors: vectors.tensor, explain: explain)
        let response = try await progress.call(.ranker) { options in
            var options = options
            options.affinityKey = Self.affinityKey(of: sequence)
            return try await ranker.rank(request, options: options)
        }
        try requireRelease(response.release, release.reference, stage: "ranker")
        return LLMRanking(
            scores: Dictionary(
                response.candidates.filter(\.scored).map { ($0.id, $0) },
                uniquingKeysWith: { first, _ in first }),
            prompt: Self.readable(prompt.pieces), promptTokenCount: response.promptTokenCount,
            promptTokens: Self.named(response.promptTokens, vectors),
            evaluatedTokenCount: response.evaluatedTokenCount,
            reusedTokenCount: response.reusedTokenCount, adapter: release.adapter)
    }

    /// The same for all calls of a user.
    ///
    /// Later prompts begin as earlier ones, whose state the ranker that evaluated them keeps. The
    /// oldest items of a sequence are the last to change.
    private static func affinityKey(of sequence: [HistoryItem]) -> UInt64 {
        var hash = StableHash()
        for item in sequence.prefix(2) { hash.combine(item.itemID) }
        return hash.value
    }

    private static func segment(_ piece: PromptPiece, _ vectors: PromptVectors) -> PromptSegment {
        switch piece {
        case .text(let text): .text(text)
        case .behaviouralToken(let id): vector(.item, row: vectors.rowByItem[id])
        case .userState: vector(.user, row: vectors.userStateRow)
        }
    }

    /// The composer names only what ``vectors`` holds.
    private static func vector(_ role: VectorRole, row: Int?) -> PromptSegment {
        guard let row else { preconditionFailure("a vector that nobody projected") }
        return .vectors(role: role.rawValue, firstRow: row, rowCount: 1)
    }

    /// The ranker knows rows only; the gateway knows what they are.
    private static func named(_ tokens: [PromptToken], _ vectors: PromptVectors) -> [PromptToken] {
        let idByRow = Dictionary(uniqueKeysWithValues: vectors.rowByItem.map { ($1, $0) })
        return tokens.map { token in
            guard token.isVector else { return token }
            var token = token
            token.itemID = idByRow[token.row] ?? ""
            token.role =
                (token.row == vectors.userStateRow ? VectorRole.user : VectorRole.item).rawValue
            return token
        }
    }

    private static func readable(_ pieces: [PromptPiece]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .behaviouralToken(let id): "<item:\(id)>"
            case .userState: "<user>"
            }
        }.joined()
    }
}
