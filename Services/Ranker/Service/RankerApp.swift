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
    /// What ranks, for its statistics.
    let engine: LlamaEngine
    /// Positions of the cache, where the LLM was trained on as many.
    static let contextSize = 4_096

    /// Loads the releases, the LLM that they share and their adapters, and tries the LLM on one
    /// prompt.
    ///
    /// Every file was compared with its hash, and loaded by a child of `probe`, before it is
    /// loaded here.
    init(
        configuration: RankerConfiguration, probe: ModelProbe = ModelProbe(), logger: Logger
    ) async throws {
        let releases = try Release.open(directories: configuration.releaseDirectories)
        let expected = try Self.sharedModel(of: releases)
        guard try sha256(ofFile: configuration.model) == expected.sha256 else {
            throw SettingError(
                key: "model",
                message: "\(configuration.model) is not \(expected.name): its SHA-256 is not "
                    + "\(expected.sha256.hexadecimal), which release \(releases[0].reference) "
                    + "names")
        }
        let adapters = RankedRelease.adapterFiles(of: releases)
        try await RankerProbe.require(
            model: ProbedFile(path: configuration.model, sha256: expected.sha256.hexadecimal),
            adapters: adapters, by: probe)
        let model = try LlamaModel(path: configuration.model, adapters: adapters)
        for release in releases {
            try model.require(
                embeddingDimension: release.manifest.llm.embeddingDimension,
                vocabularySize: release.manifest.llm.vocabularySize)
        }
        let table = try TokenEmbeddingTable(path: configuration.model)
        engine = try await LlamaEngine(
            model: model, embeddings: table,
            options: EngineOptions(
                contextSize: min(Self.contextSize, model.trainedContextSize),
                threads: configuration.threads))
        try await engine.warmUp(width: model.embeddingDimension, adapter: "")
        var router = RPCRouter()
        router.register(ranker: RankerService(releases: releases, engine: engine))
        parts = ServiceParts(
            router: router, serviceNames: [RankerMethods.service],
            background: [EngineService(engine: engine, logger: logger)])
        logger.infoLoaded(releases)
    }

    /// The LLM of all releases: one engine, one batch and one cache serve them all.
    private static func sharedModel(
        of releases: [Release]
    ) throws(SettingError) -> ReleaseManifest.LanguageModel {
        let first = releases[0]
        for other in releases where other.manifest.llm.sha256 != first.manifest.llm.sha256 {
            throw SettingError(
                key: "release",
                message: "\(first.reference) and \(other.reference) name different LLMs "
                    + "(\(first.manifest.llm.name), \(other.manifest.llm.name)); a ranker runs "
                    + "one, so start another ranker for the other")
        }
        return first.manifest.llm
    }
}

extension LlamaEngine {
    /// Ranks two candidates after a prompt of text and a vector of `width`, so that the first
    /// call finds memory and code in place.
    func warmUp(width: Int, adapter: String) async throws {
        let vectors = FloatTensor(
            rows: 1, columns: width, values: [Float](repeating: 0.01, count: width))
        _ = try await score(
            prompt: RankPrompt(
                segments: [.text("This user has watched Alien"), .vectors(rows: 0..<1)],
                vectors: vectors),
            candidates: [" Heat\n", " Alien\n"], adapter: adapter)
    }
}

/// Ends the engine's thread when the process stops, and says what it did.
private struct EngineService: Service {
    let engine: LlamaEngine
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        // Before it ends: then nothing runs, waits or is kept any more.
        let counts = engine.statistics
        await engine.shutDown()
        logger.info(
            "engine",
            metadata: [
                "requests": "\(counts.startedRequests)",
                "refused_requests": "\(counts.refusedRequests)",
                "stopped_requests": "\(counts.stoppedRequests)",
                "requests_with_reuse": "\(counts.requestsWithReuse)",
                "prompt_tokens": "\(counts.promptTokens)",
                "reused_tokens": "\(counts.reusedTokens)",
                "evaluated_tokens": "\(counts.evaluatedTokens)",
                "kept_prompts": "\(counts.keptPrompts)",
                "kept_tokens": "\(counts.keptTokens)", "steps": "\(counts.steps)",
                "aborted_steps": "\(counts.abortedSteps)",
            ])
    }
}
