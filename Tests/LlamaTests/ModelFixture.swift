import Dispatch
import Domain
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
    private let gate = Mutex<(left: Int, body: @Sendable () -> Void)?>(nil)

    init(table: TokenEmbeddingTable) { self.table = table }

    var width: Int { table.columns }

    func row(_ token: Int32) -> [Float] {
        let body = gate.withLock { state -> (@Sendable () -> Void)? in
            guard let now = state else { return nil }
            state = now.left == 0 ? nil : (now.left - 1, now.body)
            return now.left == 0 ? now.body : nil
        }
        body?()
        return table.row(Int(token))
    }

    /// Calls `body` on the engine's thread at the next row, or some rows later.
    func atNextRow(skipping count: Int = 0, _ body: @escaping @Sendable () -> Void) {
        gate.withLock { $0 = (count, body) }
    }
}

/// Holds the engine's thread at a row until opened.
struct Gate: Sendable {
    private let reached: AsyncStream<Void>
    private let opened = DispatchSemaphore(value: 0)

    init(_ embeddings: GatedEmbeddings, skipping count: Int = 0) {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        reached = stream
        embeddings.atNextRow(skipping: count) { [opened] in
            continuation.finish()
            opened.wait()
        }
    }

    func isReached() async { for await _ in reached {} }

    func open() { opened.signal() }
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
