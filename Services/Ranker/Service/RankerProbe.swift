import ArgumentParser
import GGML
import Llama
import Releases
import ServiceKit

/// The hidden command in which ``ModelProbe`` tries an LLM, or one adapter behind its LLM.
struct RankerProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe", shouldDisplay: false)
    /// Positions of the cache: enough for the prompt that is tried.
    private static let contextSize = 512
    private static let adapterName = "probed"

    @OptionGroup var arguments: ProbeArguments

    func run() async throws {
        try await ProbeChild.run(arguments) { announce in
            guard let path = arguments.files.first, let last = arguments.files.last else { return }
            announce(last)
            // Loads as the ranker does, and ranks: some files only crash when computed with.
            let model = try LlamaModel(
                path: path,
                adapters: arguments.files.dropFirst().prefix(1).map {
                    .init(name: Self.adapterName, path: $0)
                })
            let engine = try await LlamaEngine(
                model: model,
                embeddings: TokenEmbeddingTable(path: path),
                options: EngineOptions(
                    contextSize: min(Self.contextSize, model.trainedContextSize), threads: 1))
            try await engine.warmUp(
                width: model.embeddingDimension, adapter: model.adapterNames.first ?? "")
            await engine.shutDown()
        }
    }

    /// Returns once the LLM and each adapter were loaded by a child.
    ///
    /// Their heads are walked first, by code of ours that cannot crash.
    ///
    /// - Throws: `GGUFError` or `ProbeError`, naming the file.
    static func require(
        model: ProbedFile, adapters: [LlamaModel.AdapterFile], by probe: ModelProbe
    ) async throws {
        for path in [model.path] + adapters.map(\.path) { _ = try GGUFFile(path: path) }
        try await probe.require([model])
        for adapter in adapters {
            try await probe.require([
                model, ProbedFile(path: adapter.path, sha256: adapter.name),
            ])
        }
    }
}
