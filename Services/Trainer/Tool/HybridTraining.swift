import Domain
import GGML
import GatewayCore
import Torch
import TrainingCore
import TrainingModels

/// One run of LLaRA's training: a frozen LLM with LoRA, a projector, frozen item rows and states.
///
/// Everything random of a step follows from the seed and the step's number, so a run that resumes
/// after a step goes on as if it had never stopped.
final class HybridTraining {
    let recipe: HybridRecipe
    let network: LlamaNetwork
    let adapter: LoRAAdapter
    let projector: ProjectorNetwork?
    /// Everything that is trained, adapter first.
    let parameters: ParameterSet
    let optimizer: Adam
    /// Optimizer steps done.
    private(set) var step = 0
    /// Batches with hybrid prompts among those done.
    private(set) var hybridBatches = 0
    /// What validated best; nil before the first validation.
    private(set) var best: ValidationScore?
    /// The weights of that step by name.
    private(set) var bestWeights: [String: [Float]] = [:]
    let library: TorchLibrary
    let seed: UInt64
    private let inputs: HybridInputs
    private let writer: PromptWriter
    private let schedule: LearningRateSchedule
    private var draw: ExampleDraw

    init(
        recipe: HybridRecipe, inputs: HybridInputs, network: LlamaNetwork, adapter: LoRAAdapter,
        writer: PromptWriter, library: TorchLibrary, seed: UInt64, initial: InitialRelease? = nil
    ) throws {
        self.recipe = recipe
        self.inputs = inputs
        self.network = network
        self.adapter = adapter
        self.writer = writer
        self.seed = seed
        self.library = library
        schedule = LearningRateSchedule(steps: recipe.steps, warmUpShare: recipe.warmUpShare)
        draw = try ExampleDraw(
            sequences: inputs.sequences, itemCount: inputs.titles.count,
            historyLimit: inputs.historyLimit,
            negatives: NegativeDraw(count: recipe.candidates - 1, hardShare: recipe.hardShare),
            sampling: recipe.sampling, seed: seed)
        projector = try Self.projector(recipe, inputs, network, library, seed: seed, initial)
        optimizer = try Adam(library: library)
        var all = ParameterSet()
        for named in adapter.parameters.all { try all.add(named.name, named.tensor) }
        try optimizer.addGroup(
            adapter.parameters.tensors, learningRate: recipe.learningRate)
        if let projector {
            for named in projector.parameters.all {
                try all.add("projector.\(named.name)", named.tensor)
            }
            try optimizer.addGroup(
                projector.parameters.tensors, learningRate: recipe.projectorLearningRate,
                weightDecay: recipe.projectorWeightDecay)
        }
        parameters = all
    }

    private static func projector(
        _ recipe: HybridRecipe, _ inputs: HybridInputs, _ network: LlamaNetwork,
        _ library: TorchLibrary, seed: UInt64, _ initial: InitialRelease?
    ) throws -> ProjectorNetwork? {
        guard recipe.hasProjector else { return nil }
        let encoder = inputs.encoder
        guard !recipe.hasUserState || encoder.stateDimension == encoder.dimension else {
            throw TrainingFailure(
                description: "the encoder's states have \(encoder.stateDimension) values, its item "
                    + "rows \(encoder.dimension), so that one projector cannot take both; next: "
                    + "--no-user-state")
        }
        if let projector = try initial?.projector(
            recipe, library: library, device: network.device)
        {
            return projector
        }
        try library.setSeed(SeededGenerator(seed: seed, parts: ["projector"]).state)
        let projector = try ProjectorNetwork(
            library: library, input: encoder.dimension,
            output: network.shape.width,
            roles: recipe.projectorRoles,
            device: network.device)
        guard recipe.calibratesProjector else { return projector }
        let scale = try network.embeddingScale()
        for role in projector.roles {
            try projector.calibrate(role, to: inputs.sample(role), scale: scale)
        }
        return projector
    }

    var isFinished: Bool { step >= recipe.steps }

    /// What one step gave.
    struct StepResult: Sendable {
        /// Steps done with it.
        let step: Int
        /// The mean over its batches.
        let loss: Double
        /// The share of its batches with hybrid prompts.
        let hybrid: Double
        /// The mean of what they were drawn with.
        let hybridProbability: Double
        let learningRate: Double
        /// The adapter's, before clipping.
        let gradientNorm: Double
        /// The projector's; nil where it was not in use.
        let projectorGradientNorm: Double?
        let tokens: Int
    }

    /// Trains one step.
    ///
    /// - Throws: ``TrainingFailure`` naming step and examples when the loss or a gradient is not
    ///   finite; the weights are then as they were before the step.
    func runStep() throws -> StepResult {
        try library.setSeed(SeededGenerator(seed: seed, parts: ["step", String(step)]).state)
        let factor = schedule.factor(at: step)
        try optimizer.setLearningRate(recipe.learningRate * factor, group: 0)
        if projector != nil {
            try optimizer.setLearningRate(recipe.projectorLearningRate * factor, group: 1)
        }
        try optimizer.clearGradients()
        var sum = 0.0
        var hybrid = 0
        var probability = 0.0
        var tokens = 0
        for part in 0..<recipe.accumulation {
            let number = step * recipe.accumulation + part
            let isHybrid = recipe.schedule.isHybrid(
                batch: number, of: recipe.batches, seed: seed)
            hybrid += isHybrid ? 1 : 0
            probability += recipe.schedule.hybridProbability(batch: number, of: recipe.batches)
            let batch = try self.batch(number, isHybrid: isHybrid)
            let loss = try self.loss(batch)
            let value = Double(try loss.item())
            guard value.isFinite else { throw notFinite("the loss", value, batch: number) }
            try (loss * (1 / Double(recipe.accumulation))).backward()
            sum += value
            tokens += batch.prompts.positionCount
        }
        let bound = recipe.gradientNorm ?? .infinity
        let norm = try adapter.parameters.clipGradientNorm(bound)
        let projectorNorm =
            hybrid > 0 ? try projector?.parameters.clipGradientNorm(bound) : nil
        for norm in [norm, projectorNorm ?? 0] where !norm.isFinite {
            throw notFinite("the gradient's norm", norm, batch: nil)
        }
        try optimizer.step()
        step += 1
        hybridBatches += hybrid
        let parts = Double(recipe.accumulation)
        return StepResult(
            step: step, loss: sum / parts, hybrid: Double(hybrid) / parts,
            hybridProbability: probability / parts, learningRate: recipe.learningRate * factor,
            gradientNorm: norm, projectorGradientNorm: projectorNorm, tokens: tokens)
    }

    private func notFinite(_ what: String, _ value: Double, batch: Int?) -> TrainingFailure {
        let first = batch.map { $0 * recipe.batch } ?? step * recipe.examplesPerStep
        let last = first + (batch == nil ? recipe.examplesPerStep : recipe.batch) - 1
        return TrainingFailure(
            description: "\(what) of step \(step + 1), examples \(first) to \(last), is "
                + "\(value.isNaN ? "not a number" : "infinite"); "
                + "the last checkpoint is kept; next: --resume with it repeats the step, or start "
                + "anew with a lower --learning-rate")
    }
}

/// Batches and losses.
extension HybridTraining {
    /// Prompts of one batch with the places of their targets.
    struct Batch {
        let prompts: PromptWriter.Batch
        /// By example: the branch of the target.
        let targets: [Int]
        /// By example: the share of every branch in what a list aims at; empty for answers.
        let goals: [[Double]]
    }

    /// The batch with this number, counted over the whole run.
    func batch(_ number: Int, isHybrid: Bool) throws -> Batch {
        let examples = try (number * recipe.batch..<(number + 1) * recipe.batch).map { number in
            try draw.example(number, retrieve: inputs.retrieve)
        }
        var generator = SeededGenerator(seed: seed, parts: ["template", String(number)])
        let template =
            recipe.drawsTemplate
            ? generator.below(writer.templates.count) : writer.servedTemplate
        let style = PromptWriter.Style(
            representation: isHybrid ? recipe.representation : .text, template: template,
            hasUserState: recipe.hasUserState)
        let questions = examples.map(question)
        let targets = zip(questions, examples).map { question, example in
            question.scoredIDs.firstIndex(of: writer.titles[example.target].id) ?? 0
        }
        return Batch(
            prompts: try writer.batch(questions, style: style), targets: targets,
            goals: recipe.objective == .answer
                ? []
                : try questions.indices.map { place in
                    try goal(questions[place], examples[place], target: targets[place])
                })
    }

    private func goal(
        _ question: PromptWriter.Question, _ example: TrainingExample, target: Int
    ) throws -> [Double] {
        guard recipe.distillationWeight > 0 else {
            return ListGoal.target(target, of: question.scoredIDs.count)
        }
        let shown = [example.target] + example.negatives
        let indices = Dictionary(shown.map { (writer.titles[$0].id, $0) }) { first, _ in first }
        let scores = try inputs.scores(
            example.prefix, question.scoredIDs.compactMap { indices[$0] })
        return ListGoal.distilled(
            scores.map(Double.init), target: target, weight: recipe.distillationWeight)
    }

    private func question(_ example: TrainingExample) -> PromptWriter.Question {
        var content = writer.content(
            prefix: example.prefix, candidates: [example.target] + example.negatives,
            hasUserState: recipe.hasUserState)
        if recipe.shufflesCandidates {
            var generator = SeededGenerator(
                seed: seed, parts: ["order", String(example.number)])
            var candidates = content.candidateIDs
            generator.shuffle(&candidates)
            content = PromptContent(
                historyIDs: content.historyIDs, candidateIDs: candidates, titles: content.titles)
        }
        let target = writer.titles[example.target].id
        return PromptWriter.Question(
            prefix: example.prefix, content: content,
            scoredIDs: recipe.objective == .answer ? [target] : content.candidateIDs)
    }

    /// The batch's loss; with gradients to adapter and projector.
    func loss(_ batch: Batch) throws -> Tensor {
        let scores = try likelihoods(batch.prompts, isTraining: true)
        let counts = batch.prompts.examples.map(\.branches.count)
        switch recipe.objective {
        case .answer:
            let tokens = batch.prompts.examples.reduce(0) { sum, example in
                sum + example.branches.reduce(0) { $0 + $1.count }
            }
            return try scores.reduced(.sum) * (-1 / Double(tokens))
        case .list:
            var start = 0
            var total: Tensor?
            for (index, count) in counts.enumerated() {
                let own = try scores.slice(0, start..<start + count).reshaped([1, count])
                let goal = try library.tensor(
                    batch.goals[index].map(Float.init), shape: [1, count])
                let loss = try listLoss(own, goal: goal.converted(device: network.device))
                total = try total.map { try $0 + loss } ?? loss
                start += count
            }
            guard let total else { throw TrainingFailure(description: "a batch is empty") }
            return try total * (1 / Double(counts.count))
        }
    }

    /// The cross-entropy over a list's candidates, and `validityWeight` times the surprise that
    /// freely written text is one of them: minus the logarithm of their total likelihood.
    ///
    /// Differences among candidates alone would be taught at any token, also by making what ends a
    /// title unlikely, so that no text ends. As the cross-entropy is that logarithm less the mean of
    /// the log-likelihoods under the goal, weight 1 leaves just that mean.
    private func listLoss(_ scores: Tensor, goal: Tensor) throws -> Tensor {
        let weight = recipe.validityWeight
        let relative = try scores.crossEntropy(targets: goal)
        guard weight > 0 else { return relative }
        return try relative * (1 - weight) + (scores * goal).reduced(.sum) * (-weight)
    }

    /// The log-likelihood of every branch, example after example.
    private func likelihoods(_ prompts: PromptWriter.Batch, isTraining: Bool) throws -> Tensor {
        try network.logLikelihoods(
            prompts.examples, vectors: vectors(prompts), training: isTraining)
    }

    private func vectors(_ prompts: PromptWriter.Batch) throws -> Tensor? {
        guard let projector, !prompts.items.isEmpty else { return nil }
        let rows = try inputs.encoder.itemRows(prompts.items)
        let items = try projector.project(tensor(rows), role: .item)
        guard !prompts.users.isEmpty else { return items }
        let states = try inputs.encoder.encode(sequences: prompts.users)
        return try Tensor.concatenated(
            [items, projector.project(tensor(states), role: .user)], dimension: 0)
    }

    private func tensor(_ rows: FloatTensor) throws -> Tensor {
        try library.tensor(rows.values, shape: [rows.rows, rows.columns])
            .converted(device: network.device)
    }
}

/// What a validation gave.
struct ValidationScore: Sendable, Hashable, Codable {
    /// The step it was taken after.
    var step: Int
    var rows: Int
    /// The share of rows whose target the LLM alone puts first.
    var hitRatio: Double
    /// The mean cross-entropy over the candidates' log-likelihoods.
    var loss: Double

    enum CodingKeys: String, CodingKey {
        case step, rows, loss
        case hitRatio = "hit_ratio_at_1"
    }

    /// Whether this is better: less cross-entropy, which is less noisy than the hits of few rows.
    func isBetter(than other: ValidationScore) -> Bool { loss < other.loss }
}

/// Validation, and going on.
extension HybridTraining {
    /// Asks the network as it stands about `rows`, with prompts as they are served.
    func validate(_ rows: [ValidationRow]) throws -> ValidationScore {
        let style = PromptWriter.Style(
            representation: recipe.servedRepresentation, template: writer.servedTemplate,
            hasUserState: recipe.hasUserState)
        var ranks: [Int] = []
        var losses: [Double] = []
        try library.withoutGradients {
            for row in rows {
                let target = writer.titles[row.target].id
                let content = writer.content(
                    prefix: row.prefix,
                    candidates: [row.target] + row.candidates.filter { $0 != row.target },
                    hasUserState: recipe.hasUserState)
                let candidates = content.candidateIDs
                let question = PromptWriter.Question(
                    prefix: row.prefix, content: content, scoredIDs: candidates)
                let prompts = try writer.batch([question], style: style)
                let scores = try likelihoods(prompts, isTraining: false).floats().map(Double.init)
                let scored = zip(candidates, scores).map { ScoredItem(itemID: $0, score: $1) }
                ranks.append(RankingMetrics.rank(of: target, in: scored) ?? candidates.count)
                let greatest = scores.max() ?? 0
                let place = candidates.firstIndex(of: target) ?? 0
                losses.append(
                    logarithm(scores.reduce(0) { $0 + exponential($1 - greatest) })
                        + greatest - scores[place])
            }
        }
        let score = ValidationScore(
            step: step, rows: rows.count,
            hitRatio: RankingMetrics.mean(RankingMetrics.hits(ranks, cutoff: 1)),
            loss: RankingMetrics.mean(losses))
        guard score.loss.isFinite else {
            throw TrainingFailure(
                description: "the validation's cross-entropy after step \(step) is \(score.loss); "
                    + "the last checkpoint is kept; next: start anew with a lower --learning-rate")
        }
        if best.map({ score.isBetter(than: $0) }) ?? true {
            best = score
            bestWeights = try weights()
        }
        return score
    }

    /// The current weights by name.
    func weights() throws -> [String: [Float]] {
        var result: [String: [Float]] = [:]
        for named in parameters.all { result[named.name] = try named.tensor.floats() }
        return result
    }

    /// Puts the weights that validated best into the networks.
    func restoreBest() throws {
        for named in parameters.all {
            guard let values = bestWeights[named.name] else { continue }
            try named.tensor.assign(library.tensor(values, shape: named.tensor.shape()))
        }
    }

    /// The run as a checkpoint keeps it.
    func state(identity: String) throws -> CheckpointState {
        var state = CheckpointState(identity: identity)
        state.numbers["step"] = UInt64(step)
        if let best {
            state.numbers["best_step"] = UInt64(best.step)
            state.numbers["best_rows"] = UInt64(best.rows)
            state.numbers["best_hit_bits"] = best.hitRatio.bitPattern
            state.numbers["best_loss_bits"] = best.loss.bitPattern
        }
        try state.add(parameters, optimizer: optimizer)
        if recipe.keepsBest { try state.add(best: bestWeights, of: parameters) }
        return state
    }

    /// Goes on after the step of a checkpoint.
    func resume(_ stored: StoredCheckpoint) throws {
        try stored.restore(parameters, optimizer: optimizer, library: library)
        step = try stored.count("step")
        hybridBatches = (0..<step * recipe.accumulation).count {
            recipe.schedule.isHybrid(batch: $0, of: recipe.batches, seed: seed)
        }
        guard stored.file.metadata["checkpoint.best_step"] != nil else { return }
        best = ValidationScore(
            step: try stored.count("best_step"), rows: try stored.count("best_rows"),
            hitRatio: Double(bitPattern: try stored.number("best_hit_bits")),
            loss: Double(bitPattern: try stored.number("best_loss_bits")))
        bestWeights = try stored.best(of: parameters)
    }
}
