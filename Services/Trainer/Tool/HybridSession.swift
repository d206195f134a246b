import ArgumentParser
import Domain
import Foundation
import GatewayCore
import Llama
import Releases
import Torch
import TrainingCore
import TrainingModels

/// One start of `llara-train hybrid`: a run from its beginning or its checkpoint to the next stop.
struct HybridSession {
    let command: HybridCommand
    let library: TorchLibrary
    let inputs: HybridInputs
    let training: HybridTraining
    let llm: ReleaseManifest.LanguageModel
    let initial: InitialRelease?
    let checkpoint: Checkpoint
    let identity: String
    let log: TrainingLog
    let validation: [ValidationRow]
    let display: ProgressDisplay

    /// Reads and checks everything that the run needs.
    init(_ command: HybridCommand) throws {
        self.command = command
        library = try TorchLibrary()
        try library.setThreadCount(command.threads)
        checkpoint = try Checkpoint(directory: Self.checkpointFolder(command))
        try checkpoint.require(resuming: command.resume)
        let inputs = try HybridInputs(
            release: command.release, data: command.data, split: command.split,
            scratch: URL(fileURLWithPath: checkpoint.path).deletingLastPathComponent().path)
        self.inputs = inputs
        let domain = inputs.release.manifest.domain
        let recipe = try command.hyperParameters(domain: domain)
        let path = try command.llm ?? LanguageModelOption.locate()
        let llm = try LanguageModelOption.read(path)
        let tokenizer = LlamaTokenizer(try LlamaModel(path: path))
        let network = try LlamaNetwork(
            path: path, library: library, type: command.type.element,
            device: command.device.device)
        let initial = try command.initial.map {
            try InitialRelease($0, inputs: inputs, llm: llm, recipe: recipe)
        }
        self.llm = llm
        self.initial = initial
        try library.setSeed(SeededGenerator(seed: command.seed, parts: ["adapter"]).state)
        let adapter =
            try initial?.adapter(shape: network.shape, library: library)
            ?? LoRAAdapter(shape: network.shape, library: library)
        network.lora = adapter
        guard let templates = PromptTemplate.templates(domain: domain) else {
            throw TrainingFailure(
                description: "the release's domain \(domain) has no prompt templates")
        }
        training = try HybridTraining(
            recipe: recipe, inputs: inputs, network: network, adapter: adapter,
            writer: PromptWriter(
                tokenizer: tokenizer, titles: inputs.titles, templates: templates),
            library: library, seed: command.seed, initial: initial)
        identity = Self.identity(
            recipe, inputs, llm, initial, command, torch: library.version)
        if command.resume { try training.resume(checkpoint.load(identity: identity)) }
        log = try TrainingLog(
            path: command.log ?? Self.trimmed(command.output) + ".jsonl", keeping: training.step)
        validation = try inputs.validation(
            rows: command.validationRows, candidates: recipe.candidates, seed: command.seed)
        display = ProgressDisplay(total: recipe.steps, done: training.step)
        // Of the files that were read.
        library.releaseFreeMemory()
    }

    /// Trains to the next stop, and writes the release when that is the end.
    func run() throws {
        introduce()
        let clock = ContinuousClock()
        let start = clock.now
        while !training.isFinished {
            let minutes = start.duration(to: clock.now) / .seconds(60)
            let isLastOfPart = command.partMinutes.map { minutes >= $0 } ?? false
            if StopRequest.signalNumber != nil || isLastOfPart { return try pause() }
            try step(clock)
            if training.step.isMultiple(of: command.checkpointEvery) || training.isFinished {
                try save()
            }
        }
        if training.recipe.keepsBest, training.best != nil { try training.restoreBest() }
        let export = HybridExport(
            inputs: inputs, training: training, llm: llm, log: log,
            circumstances: circumstances)
        let release = try export.write(
            to: command.output,
            name: command.name ?? URL(fileURLWithPath: command.output).lastPathComponent,
            halfPrecision: command.halfPrecision)
        try checkpoint.remove()
        try report(release, export.measured)
    }

    private func step(_ clock: ContinuousClock) throws {
        let start = clock.now
        let result = try training.runStep()
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let recipe = training.recipe
        let done = result.step * recipe.accumulation
        let memory = try library.memory(on: command.device.device)
        var entry = TrainingLogEntry(
            step: result.step, examples: result.step * recipe.examplesPerStep,
            loss: result.loss, hybrid: result.hybrid,
            hybridShare: Double(training.hybridBatches) / Double(done),
            hybridProbability: result.hybridProbability, learningRate: result.learningRate,
            gradientNorm: result.gradientNorm,
            projectorGradientNorm: result.projectorGradientNorm, tokens: result.tokens,
            tokensPerSecond: Double(result.tokens) / max(seconds, 1e-9), seconds: seconds,
            residentBytes: memory.resident, peakBytes: memory.residentPeak)
        if command.device == .cuda { entry.deviceBytes = memory.deviceAllocatedPeak }
        if result.step.isMultiple(of: validateEvery) || training.isFinished {
            entry.validation = try validate()
        }
        try log.append(entry)
        display.update(Double(entry.step), entry.status(of: recipe.steps))
    }

    private var validateEvery: Int {
        command.validateEvery ?? max(1, training.recipe.steps / 5)
    }

    private func validate() throws -> ValidationScore? {
        guard !validation.isEmpty else { return nil }
        let score = try training.validate(validation)
        display.line(
            "validation after step \(score.step): LLM alone HitRatio@1 "
                + "\(ProgressDisplay.format(score.hitRatio, 3)) of \(training.recipe.candidates), "
                + "cross-entropy \(ProgressDisplay.format(score.loss, 3)), N = \(score.rows)")
        return score
    }

    private func save() throws {
        library.releaseFreeMemory()
        try checkpoint.save(training.state(identity: identity))
        try log.plot(title: plotTitle)
    }

    /// Stops before the end, with a checkpoint.
    private func pause() throws {
        let signal = StopRequest.signalNumber
        try save()
        display.line(
            "stopped after step \(training.step) of \(training.recipe.steps); checkpoint at "
                + "\(checkpoint.path); next: the same command with --resume")
        if let signal { throw ExitCode(128 + signal) }
        if command.json {
            try write(["finished": false, "step": training.step, "steps": training.recipe.steps])
        }
    }
}

/// What is said, and what a run is called.
extension HybridSession {
    private var plotTitle: String {
        let recipe = training.recipe
        return "\(URL(fileURLWithPath: command.output).lastPathComponent): \(recipe.name), "
            + "\(recipe.schedule.rawValue), \(recipe.objective.rawValue), "
            + "\(recipe.representation.rawValue), \(recipe.steps * recipe.examplesPerStep) examples"
    }

    private var circumstances: [String: String] {
        let own = [
            "type": command.type.rawValue, "device": command.device.rawValue,
            "threads": "\(command.threads)", "torch": library.version,
            "lora_rank": "\(training.adapter.options.rank)",
            "lora_alpha": "\(training.adapter.options.alpha)",
            "lora_dropout": "\(training.adapter.options.dropout)",
        ]
        return own.merging(initial?.record ?? [:]) { own, _ in own }
    }

    private func introduce() {
        let recipe = training.recipe
        display.line(
            "training \(recipe.name) on \(inputs.dataSet.name), split "
                + "\(inputs.release.manifest.training.split): schedule "
                + "\(recipe.schedule.rawValue), objective \(recipe.objective.rawValue), "
                + "\(recipe.representation.rawValue) prompts, \(recipe.steps) steps of "
                + "\(recipe.examplesPerStep) examples; \(llm.name), \(command.type.rawValue), "
                + "torch \(library.version), \(command.threads) threads")
        display.line("checkpoints in \(checkpoint.path), log in \(log.path)")
        if let initial { display.line("starting from \(initial.release.directory)") }
        if training.step > 0 { display.line("going on after step \(training.step)") }
    }

    private func report(_ release: Release, _ metrics: [String: Double]) throws {
        if command.json {
            try write([
                "finished": true, "release": release.directory, "metrics": metrics,
                "manifest_sha256": release.manifestSHA256.hexadecimal, "log": log.path,
                "plot": log.plotPath,
            ])
            return
        }
        func value(_ key: String) -> Double { metrics[key] ?? 0 }
        var text = "wrote \(release.directory)\n"
        text += "\(Int(value("train_examples"))) examples in "
        text += "\(Int(value("train_seconds").rounded())) s, "
        text += "\(Int(value("train_tokens_per_second"))) tokens/s, peak memory "
        text += "\(Int(value("train_peak_bytes")) >> 20) MiB\n"
        if let best = training.best {
            text +=
                "validation: LLM alone HitRatio@1 \(ProgressDisplay.format(best.hitRatio, 3)) of "
            text += "\(training.recipe.candidates) after step \(best.step), N = \(best.rows)\n"
        }
        text += "log \(log.path), plot \(log.plotPath)\n"
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private func write(_ object: [String: Any]) throws {
        let encoded = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
        FileHandle.standardOutput.write(encoded + Data("\n".utf8))
    }

    /// What a checkpoint must agree with to be resumed.
    private static func identity(
        _ recipe: HybridRecipe, _ inputs: HybridInputs, _ llm: ReleaseManifest.LanguageModel,
        _ initial: InitialRelease?, _ command: HybridCommand, torch: String
    ) -> String {
        let parts = recipe.record.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return
            (parts + [
                "seed=\(command.seed)", "type=\(command.type.rawValue)",
                "threads=\(command.threads)", "device=\(command.device.rawValue)",
                "validate=\(command.validateEvery ?? 0)",
                "split=\(inputs.splitSHA256.hexadecimal)", "llm=\(llm.sha256.hexadecimal)",
                "encoder=\(inputs.release.manifest.encoder.sha256.hexadecimal)",
                "initial=\(initial?.release.manifestSHA256.hexadecimal ?? "none")",
                "validation=\(command.validationRows)", "torch=\(torch)",
            ]).joined(separator: " ")
    }

    private static func checkpointFolder(_ command: HybridCommand) -> String {
        if let checkpoints = command.checkpoints { return checkpoints }
        let environment = ProcessInfo.processInfo.environment
        let cache = environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache"
        let output = URL(fileURLWithPath: command.output).standardizedFileURL
        var hash = StableHash()
        hash.combine(output.path)
        return "\(cache)/llara/training/hybrid-\(output.lastPathComponent)-"
            + String(hash.value, radix: 16)
    }

    private static func trimmed(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
