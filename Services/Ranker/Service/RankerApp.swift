import Domain
import GGML
import Llama
import Logging
import RPC
import RankerCore
import Releases
import ServiceAPI
import ServiceKit
import ServiceLifecycle

/// All wiring of the ranker; what a test builds is what the process runs.
struct RankerApp {
    /// What ``ServiceProcess`` serves.
    let parts: ServiceParts

    /// Loads the release and its LLM, and tries the LLM on one prompt.
    init(configuration: RankerConfiguration, logger: Logger) async throws {
        let release = try Release(directory: configuration.releaseDirectory)
        let expected = release.manifest.llm
        guard try sha256(ofFile: configuration.model) == expected.sha256 else {
            throw SettingError(
                key: "model",
                message: "\(configuration.model) is not \(expected.name): its SHA-256 is not "
                    + "\(expected.sha256.hexadecimal), which release \(release.reference) names")
        }
        let model = try LlamaModel(
            path: configuration.model,
            adapters: release.manifest.adapters.map {
                LlamaModel.AdapterFile(name: $0.name, path: release.path(of: $0.file))
            })
        try model.require(
            embeddingDimension: expected.embeddingDimension,
            vocabularySize: expected.vocabularySize)
        let table = try TokenEmbeddingTable(path: configuration.model)
        let engine = try await LlamaEngine(
            model: model, embeddings: TableEmbeddings(table: table),
            options: EngineOptions(threads: configuration.threads))
        var router = RPCRouter()
        router.register(ranker: RankerService(release: release, engine: engine))
        parts = ServiceParts(
            router: router, serviceNames: [RankerMethods.service],
            background: [EngineService(engine: engine)])
        logger.info(
            "release loaded",
            metadata: ["release": "\(release.reference)", "llm": "\(expected.name)"])
    }
}

/// The rows of the LLM's own table, read by ggml.
private struct TableEmbeddings: TokenEmbeddings {
    let table: TokenEmbeddingTable

    var width: Int { table.columns }

    func row(_ token: Int32) -> [Float] { table.row(Int(token)) }
}

/// Ends the engine's thread when the process stops.
private struct EngineService: Service {
    let engine: LlamaEngine

    func run() async throws {
        try? await gracefulShutdown()
        await engine.shutDown()
    }
}
