import Domain
import Foundation
import GGML
import Llama
import RankerCore
import Torch

@testable import TrainingModels

/// The shipped LLM as trained and as served, and what is asked of both.
enum ServedModel {
    static let path =
        URL(filePath: #filePath).deletingLastPathComponent().path
        + "/../../.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    static let candidates = [
        " Alien\n", " Aliens\n", " Heat (1995)\n", " The Piano\n", " Star Trek: First Contact\n",
    ]

    /// Text pieces and, between them, rows of vectors.
    static let pieces: [(text: String, row: Int?)] = [
        ("This user has watched Alien", 1), (", Star Wars", 0), (", The Fugitive (1993)", nil),
        (", Heat", 2), (" in the past. Recommend the next movie. Answer:", nil),
    ]

    /// Rows of about the size of token embeddings.
    static func vectors(width: Int) -> FloatTensor {
        var generator = SeededGenerator(seed: 7)
        return FloatTensor(
            rows: 3, columns: width,
            values: (0..<3 * width).map { _ in Float.random(in: -0.2...0.2, using: &generator) })
    }

    /// The question as the ranker takes it.
    static func prompt(with vectors: FloatTensor?) -> RankPrompt {
        RankPrompt(
            segments: pieces.flatMap { piece -> [RankPrompt.Segment] in
                guard let row = piece.row, vectors != nil else { return [.text(piece.text)] }
                return [.text(piece.text), .vectors(rows: row..<row + 1)]
            }, vectors: vectors)
    }

    /// The same question as the network takes it.
    static func example(
        _ tokenizer: LlamaTokenizer, withVectors: Bool
    ) throws -> PromptExample {
        var prompt: [PromptExample.Position] = []
        for piece in pieces {
            prompt += try tokenizer.tokenize(piece.text).map { .token($0) }
            if withVectors, let row = piece.row { prompt.append(.vector(row)) }
        }
        return PromptExample(
            prompt: prompt, branches: try candidates.map { try tokenizer.tokenize($0) })
    }

    /// What llama.cpp gives for the candidates with the model at `path` and its adapter, if it has one.
    static func scores(
        _ model: LlamaModel, path: String, with vectors: FloatTensor?
    ) async throws -> [Double] {
        let engine = try await LlamaEngine(
            model: model, embeddings: Table(table: TokenEmbeddingTable(path: path)),
            options: EngineOptions(contextSize: 512, threads: 2))
        let scores = try await engine.score(
            prompt: prompt(with: vectors), candidates: candidates,
            adapter: model.adapterNames.first ?? "")
        await engine.shutDown()
        return scores.candidates.compactMap(\.logLikelihood)
    }
}

private struct Table: TokenEmbeddings {
    let table: TokenEmbeddingTable
    var width: Int { table.columns }
    func row(_ token: Int32) -> [Float] { table.row(Int(token)) }
}
