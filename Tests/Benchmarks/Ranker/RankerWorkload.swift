import BenchmarkReport
import Domain
import Foundation
import GGML
import Llama
import RankerCore

/// Prompts and candidates as the gateway makes them: a history of titles with behavioural tokens,
/// and 20 films to rank.
struct RankerWorkload {
    static let titles = [
        "Alien (1979)", "Aliens (1986)", "Heat (1995)", "Fargo (1996)", "Star Wars (1977)",
        "Star Trek: First Contact (1996)", "The Piano (1993)", "Toy Story (1995)",
        "Twelve Monkeys (1995)", "Babe (1995)", "Dead Man Walking (1995)", "Seven (1995)",
        "The Usual Suspects (1995)", "Mighty Aphrodite (1995)", "Mr. Holland's Opus (1995)",
        "Braveheart (1995)", "Taxi Driver (1976)", "Apollo 13 (1995)", "Batman Forever (1995)",
        "Crimson Tide (1995)", "Clerks (1994)", "Ed Wood (1994)", "Hoop Dreams (1994)",
        "Natural Born Killers (1994)", "Pulp Fiction (1994)", "Forrest Gump (1994)",
    ]

    let model: LlamaModel
    private let table: TokenEmbeddingTable

    init() throws {
        let path = Surroundings.prefix
            .appending(path: "models/SmolLM2-135M-Instruct-Q8_0.gguf").path
        model = try LlamaModel(path: path)
        table = try TokenEmbeddingTable(path: path)
    }

    func engine(_ options: EngineOptions) async throws -> LlamaEngine {
        try await LlamaEngine(
            model: model, embeddings: table, options: options)
    }

    /// A user's history of 20 films, each a title and a vector, and the question.
    func prompt(user: UInt64) -> RankPrompt {
        var generator = SeededGenerator(seed: user)
        let count = 20
        var segments = [RankPrompt.Segment.text("This user has watched these films in the past: ")]
        for row in 0..<count {
            let title = Self.titles.randomElement(using: &generator) ?? ""
            segments += [.text("\(title) "), .vectors(rows: row..<row + 1), .text(", ")]
        }
        segments.append(.text(". The next film that this user watches is"))
        let width = model.embeddingDimension
        let values = (0..<count * width).map { _ in
            Float.random(in: -0.1...0.1, using: &generator)
        }
        return RankPrompt(
            segments: segments, vectors: FloatTensor(rows: count, columns: width, values: values))
    }

    /// Twenty films to rank.
    func candidates(user: UInt64) -> [String] {
        var generator = SeededGenerator(seed: user &+ 1_000)
        return Self.titles.shuffled(using: &generator).prefix(20).map { " \($0)\n" }
    }
}
