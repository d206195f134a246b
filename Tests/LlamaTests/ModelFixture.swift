import Foundation
import GGML
import RankerCore
import Synchronization

@testable import Llama

/// The shipped LLM, loaded once for all suites.
enum ModelFixture {
    static let path =
        URL(filePath: #filePath).deletingLastPathComponent().path
        + "/../../.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    static let titles = [
        "Alien (1979)", "Aliens (1986)", "Alien 3 (1992)", "Heat (1995)", "Fargo (1996)",
        "Star Wars (1977)", "Star Trek (1979)", "The Piano (1993)",
    ]

    static let candidates = titles.map { " \($0)\n" }

    static let prompt = RankPrompt(segments: [.text("This user has watched Alien. Next:")])

    private static let loaded = Result {
        (try LlamaModel(path: path), try TokenEmbeddingTable(path: path))
    }

    static func model() throws -> LlamaModel { try loaded.get().0 }

    static func embeddings() throws -> GatedEmbeddings {
        GatedEmbeddings(table: try loaded.get().1)
    }
}

/// The GGUF's embedding table, which can stop the engine's thread when a prompt is looked up.
final class GatedEmbeddings: TokenEmbeddings {
    private let table: TokenEmbeddingTable
    private let gate = Mutex<(@Sendable () -> Void)?>(nil)

    init(table: TokenEmbeddingTable) { self.table = table }

    var width: Int { table.columns }

    func row(_ token: Int32) -> [Float] {
        gate.withLock { gate in
            defer { gate = nil }
            return gate
        }?()
        return table.row(Int(token))
    }

    /// Calls `body` on the engine's thread at the next row.
    func atNextRow(_ body: @escaping @Sendable () -> Void) { gate.withLock { $0 = body } }
}

extension LlamaContext {
    /// A context on the test's own thread.
    static func forTest(_ options: EngineOptions) throws -> LlamaContext {
        try LlamaContext(
            model: ModelFixture.model(), embeddings: ModelFixture.embeddings(), options: options)
    }
}

extension LlamaEngine {
    /// An engine of the shipped model.
    static func forTest(_ options: EngineOptions) async throws -> LlamaEngine {
        try await LlamaEngine(
            model: ModelFixture.model(), embeddings: ModelFixture.embeddings(), options: options)
    }
}
