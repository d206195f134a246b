internal import Domain
internal import Foundation
internal import GGML
internal import GatewayCore
internal import Llama
internal import RankerCore
public import Releases

/// Answers questions by a release's LLM in this process: the engine, adapter, tokens and prompts
/// that serve.
public final class PromptScorer: Sendable {
    /// Most tokens of free text, as LLaRA generates.
    public static let maximumTokenCount = 64

    private let recommender: ReleaseRecommender
    private let prompts: QuestionPrompts
    private let engine: LlamaEngine
    /// Its name, empty without one.
    private let adapter: String
    private let permutation: [String: String]

    /// Loads the LLM and the release's adapter.
    ///
    /// - Parameters:
    ///   - model: GGUF file whose SHA-256 is the manifest's.
    ///   - threads: compute threads.
    /// - Throws: ``EvaluationFailure`` for another model, `LlamaError` and `GGUFError`.
    public init(
        _ recommender: ReleaseRecommender, prompts: QuestionPrompts, model path: String,
        threads: Int
    ) async throws {
        let release = recommender.release
        let expected = release.manifest.llm
        guard try sha256(ofFile: path) == expected.sha256 else {
            throw EvaluationFailure(
                "\(path) is not \(expected.name): its SHA-256 is not "
                    + "\(expected.sha256.hexadecimal), which release \(release.manifest.name) "
                    + "names",
                next: "--llm with that file")
        }
        let adapter = release.manifest.defaultAdapter.map {
            LlamaModel.AdapterFile(name: $0.name, path: release.path(of: $0.file))
        }
        let model = try LlamaModel(path: path, adapters: adapter.map { [$0] } ?? [])
        try model.require(
            embeddingDimension: expected.embeddingDimension,
            vocabularySize: expected.vocabularySize)
        var options = EngineOptions(threads: threads)
        options.contextSize = min(options.contextSize, model.trainedContextSize)
        engine = try await LlamaEngine(
            model: model, embeddings: TokenEmbeddingTable(path: path), options: options)
        self.recommender = recommender
        self.prompts = prompts
        self.adapter = adapter?.name ?? ""
        permutation = prompts.permutation(of: release.vocabulary.ids)
    }

    /// The question with the scores of both models and, if asked for, free text.
    public func answer(
        _ question: EvaluationQuestion, generates: Bool
    ) async throws -> ScoredQuestion {
        let srs = try recommender.scores(
            of: question.candidates, after: prompts.history(of: question))
        let content = prompts.content(of: question, srs: srs)
        let (prompt, answers) = try self.prompt(content, of: question)
        let scores = try await engine.score(
            prompt: prompt, candidates: answers.map(\.text), adapter: adapter)
        let byItem = Dictionary(
            zip(answers.map(\.itemID), scores.candidates.map(\.logLikelihood)),
            uniquingKeysWith: { first, _ in first })
        var text: String?
        if generates {
            text = ""
            for try await token in try engine.generate(
                prompt: prompt, adapter: adapter, maximumTokenCount: Self.maximumTokenCount)
            {
                text? += token.text
            }
        }
        return ScoredQuestion(
            question, srs: srs, llm: question.candidates.map { byItem[$0] ?? nil }, text: text)
    }

    /// Ends the engine's thread.
    public func shutDown() async { await engine.shutDown() }

    private func prompt(
        _ content: PromptContent, of question: EvaluationQuestion
    ) throws -> (RankPrompt, [ComposedPrompt.Answer]) {
        let vectors =
            prompts.representation.hasBehaviouralTokens
            ? try self.vectors(of: content, question) : .none
        let composed = content.composed(by: prompts.composer, with: vectors)
        let prompt = RankPrompt(
            segments: composed.pieces.map { Self.segment($0, vectors) }, vectors: vectors.tensor)
        return (prompt, composed.answers)
    }

    private func vectors(
        of content: PromptContent, _ question: EvaluationQuestion
    ) throws -> PromptVectors {
        let release = recommender.release
        var seen = Set<String>()
        let items = (content.historyIDs + content.candidateIDs).filter {
            release.vocabulary.index(of: $0) != nil && seen.insert($0).inserted
        }
        let isPermuted = question.kind == .permutedTokens
        let tokens = try recommender.behaviouralTokens(
            of: isPermuted ? items.map { permutation[$0] ?? $0 } : items)
        return PromptVectors(
            itemIDs: items, tokens: tokens.values,
            userState: release.manifest.usesUserState
                ? try recommender.userState(after: prompts.history(of: question)) : nil)
    }

    private static func segment(
        _ piece: PromptPiece, _ vectors: PromptVectors
    ) -> RankPrompt.Segment {
        switch piece {
        case .text(let text): .text(text)
        case .behaviouralToken(let id): vector(vectors.rowByItem[id])
        case .userState: vector(vectors.userStateRow)
        }
    }

    /// The composer names only what the vectors hold.
    private static func vector(_ row: Int?) -> RankPrompt.Segment {
        guard let row else { preconditionFailure("a vector that nobody projected") }
        return .vectors(rows: row..<row + 1)
    }
}

extension Release {
    /// The LLM's file: the one named, or for `default` where the bootstrap puts the release's.
    ///
    /// - Throws: ``EvaluationFailure`` when it is not there.
    public func languageModelPath(for option: String) throws(EvaluationFailure) -> String {
        let path = option == "default" ? ".prefix/models/\(manifest.llm.name).gguf" : option
        guard FileManager.default.fileExists(atPath: path) else {
            throw EvaluationFailure(
                "\(path) is not there",
                next: "Deploy/bootstrap in the folder of the clone, or --llm FILE.gguf")
        }
        return path
    }
}
