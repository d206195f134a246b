import Domain
import RankerCore
import Wire

// Between the messages of llara.v1.Ranker and the engine's values.

extension RankPrompt {
    /// A request's prompt; the message's limits were checked when it was read.
    init(_ segments: [PromptSegment], vectors: FloatTensor?) {
        self.init(
            segments: segments.map { segment in
                switch segment {
                case .text(let text): .text(text)
                case .vectors(_, let first, let count): .vectors(rows: first..<first + count)
                }
            }, vectors: vectors)
    }
}

extension RankedCandidate {
    /// A candidate and its score, if it was reached.
    init(_ candidate: RankCandidate, _ score: CandidateScore) {
        let sum = score.logLikelihood ?? 0
        self.init(
            id: candidate.id, logLikelihood: sum, tokenCount: score.tokenCount,
            scored: score.logLikelihood != nil,
            // A candidate has a token at least: the engine refuses empty ones.
            meanLogLikelihood: sum / Double(max(1, score.tokenCount)))
    }
}

extension Wire.PromptToken {
    /// A position of the prompt, for a person to read.
    init(_ token: RankerCore.PromptToken) {
        switch token {
        case .text(let token, let bytes): self.init(id: Int(token), text: bytes)
        case .vector(let row): self.init(isVector: true, row: row)
        }
    }
}

extension GenerateResponse {
    /// A generated token, or an end that brings none.
    init(_ token: GeneratedToken, release: String, candidates: [RankCandidate]) {
        self.init(
            release: release, text: token.text, tokenID: Int(token.token ?? 0),
            logProbability: token.logProbability ?? 0,
            finishReason: token.finishReason.map(FinishReason.init),
            candidateID: token.candidateIndex.map { candidates[$0].id } ?? "",
            tokenCount: token.tokenCount, promptTokenCount: token.promptTokenCount,
            reusedTokenCount: token.reusedTokenCount)
    }
}

extension FinishReason {
    /// The message's word for why a generation ended.
    init(_ reason: GeneratedToken.FinishReason) {
        self =
            switch reason {
            case .stop: .stop
            case .maximumTokenCount: .maximumTokenCount
            case .candidate: .candidate
            case .deadline: .deadline
            }
    }
}
