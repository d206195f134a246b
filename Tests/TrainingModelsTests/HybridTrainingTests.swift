import ArgumentParser
import Domain
import Foundation
import TestSupport
import Testing
import Torch
import TrainingCore
import TrainingModels

@testable import llara_train

@Suite("Hybrid training")
struct HybridTrainingTests {
    private let fixture: HybridFixture

    init() throws { fixture = try HybridFixture() }

    @Test("text steps leave the projector and its moments alone, hybrid steps move them")
    func projector() throws {
        try TorchSerial.run {
            let training = try fixture.session(
                "two", ["--schedule", "two-stage", "--examples", "10"]
            ).training
            let projector = try #require(training.projector)
            let start = try projector.parameters.all.map { try $0.tensor.floats() }
            let first = training.adapter.parameters.all.count
            for step in 1...2 {
                let result = try training.runStep()
                #expect(result.hybrid == 0 && result.step == step)
                #expect(try projector.parameters.all.map { try $0.tensor.floats() } == start)
                #expect(try training.optimizer.moments(of: first) == nil)
            }
            let result = try training.runStep()
            #expect(result.hybrid == 1)
            #expect(try training.optimizer.moments(of: first)?.step == 1)
            #expect(try training.optimizer.moments(of: 0)?.step == 3)
            for (named, before) in zip(projector.parameters.all, start) {
                #expect(try named.tensor.floats() != before, "\(named.name)")
            }
        }
    }

    @Test(
        "a tiny network overfits one batch under both objectives",
        arguments: ["answer", "list"])
    func overfits(_ objective: String) throws {
        try TorchSerial.run {
            let training = try fixture.session(
                "fit",
                [
                    "--objective", objective, "--learning-rate", "0.005",
                    "--distillation-weight", "0",
                ]
            ).training
            let batch = try training.batch(0, isHybrid: true)
            var losses: [Float] = []
            for _ in 0..<60 {
                let loss = try training.loss(batch)
                try training.optimizer.clearGradients()
                try loss.backward()
                try training.optimizer.step()
                losses.append(try loss.item())
            }
            let last = losses.suffix(5).max() ?? 0
            #expect(last < losses[0] / 4, "\(losses)")
        }
    }

    @Test("a list aims at the target and, with its weight, at the recommender's own scores")
    func goals() throws {
        try TorchSerial.run {
            func batch(_ options: [String]) throws -> HybridTraining.Batch {
                try fixture.session("goals", options).training.batch(0, isHybrid: true)
            }
            let half = try batch(["--distillation-weight", "0.5"])
            for (goal, target) in zip(half.goals, half.targets) {
                #expect(abs(goal.reduce(0, +) - 1) < 1e-9)
                #expect(goal[target] > 0.5 && goal.allSatisfy { $0 > 0 })
            }
            #expect(half.goals.count == half.targets.count)
            let hard = try batch(["--distillation-weight", "0"])
            for (goal, target) in zip(hard.goals, hard.targets) { #expect(goal[target] == 1) }
            #expect(try batch(["--objective", "answer"]).goals.isEmpty)
        }
    }

    @Test("a list's loss goes from differences among candidates to their likelihood itself")
    func validity() throws {
        try TorchSerial.run {
            func loss(_ weight: String) throws -> Double {
                let training = try fixture.session(
                    "validity", ["--validity-weight", weight, "--seed", "7"]
                ).training
                // Dropout draws from the library's generator.
                try fixture.library.setSeed(11)
                return Double(try training.loss(training.batch(0, isHybrid: true)).item())
            }
            let (relative, half, whole) = (try loss("0"), try loss("0.5"), try loss("1"))
            #expect(abs(half - (relative + whole) / 2) < 1e-3 * whole)
            // Any text is possible, and few are candidates.
            #expect(whole > relative + 1, "\(relative), \(whole)")
        }
    }

    @Test("a hybrid prompt has a vector an item and one for the user, a text prompt none")
    func prompts() throws {
        try TorchSerial.run {
            let training = try fixture.session("prompts").training
            let hybrid = try training.batch(3, isHybrid: true)
            #expect(hybrid.prompts.examples.count == 2)
            for (number, example) in hybrid.prompts.examples.enumerated() {
                let rows = example.prompt.compactMap { position -> Int? in
                    if case .vector(let row) = position { return row }
                    return nil
                }
                let items = hybrid.prompts.items.count
                #expect(rows.count == hybrid.prompts.users[number].count + 4 + 1)
                #expect(rows.filter { $0 >= items } == [items + number])
                #expect(example.branches.count == 4)
                // The answer is " title\n", here a token a byte.
                #expect(example.branches.allSatisfy { (4...5).contains($0.count) })
            }
            let text = try training.batch(3, isHybrid: false)
            #expect(text.prompts.items.isEmpty && text.prompts.users.isEmpty)
            #expect(text.targets == hybrid.targets)
            #expect(
                text.prompts.examples.map(\.branches) == hybrid.prompts.examples.map(\.branches))
        }
    }

    @Test("a loss that is not a number stops the run, names the batch and keeps the weights")
    func notANumber() throws {
        try TorchSerial.run {
            let training = try fixture.session("nan", ["--schedule", "direct"]).training
            _ = try training.runStep()
            let weights = try training.adapter.parameters.all.map { try $0.tensor.floats() }
            let bias = try #require(training.projector?.parameters["item.up.bias"])
            try bias.assign(training.library.full(.nan, shape: bias.shape()))
            let error = #expect(throws: TrainingFailure.self) { try training.runStep() }
            #expect(
                error?.description.hasPrefix("the loss of step 2, examples 2 to 3, is not a number")
                    == true, "\(error?.description ?? "")")
            #expect(try training.adapter.parameters.all.map { try $0.tensor.floats() } == weights)
        }
    }

    @Test("a split or a data set other than the release's is refused with what to do")
    func mismatches() throws {
        try TorchSerial.run {
            let split = #expect(throws: TrainingFailure.self) {
                try fixture.session("split", ["--split", "users"])
            }
            #expect(split?.description.contains("--split leave-one-out") == true)
            let file = URL(fileURLWithPath: "\(fixture.data)/t.inter")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data((text + "u0\ti29\t4\t99999\n").utf8).write(to: file)
            let data = #expect(throws: TrainingFailure.self) { try fixture.session("data") }
            #expect(data?.description.contains("other rows") == true)
        }
    }

    @Test("a checkpoint is neither overwritten by a new start nor taken by other options")
    func checkpoints() throws {
        try TorchSerial.run {
            #expect(throws: TrainingFailure.self) { try fixture.session("none", ["--resume"]) }
            let session = try fixture.session("kept")
            _ = try session.training.runStep()
            try session.checkpoint.save(
                session.training.state(identity: session.identity))
            #expect(throws: TrainingFailure.self) { try fixture.session("kept") }
            #expect(throws: TrainingFailure.self) {
                try fixture.session("kept", ["--resume", "--learning-rate", "0.5"])
            }
            #expect(try fixture.session("kept", ["--resume"]).training.step == 1)
        }
    }

    @Test("a run leaves a line a step, a plot with five panels and the best validation")
    func logs() throws {
        try TorchSerial.run {
            let session = try fixture.session("logged", ["--validate-every", "2"])
            try session.run()
            let lines = try String(contentsOfFile: session.log.path, encoding: .utf8)
                .split(separator: "\n")
            let entries = try lines.map {
                try JSONDecoder().decode(TrainingLogEntry.self, from: Data($0.utf8))
            }
            #expect(entries == session.log.entries)
            #expect(entries.map(\.step) == Array(1...6))
            #expect(
                entries.map { $0.validation != nil } == [false, true, false, true, false, true])
            #expect(entries.allSatisfy { $0.loss.isFinite && $0.residentBytes > 0 })
            let plot = try String(contentsOfFile: session.log.plotPath, encoding: .utf8)
            for title in ["loss", "hybrid share", "learning rate", "tokens per second", "memory"] {
                #expect(plot.contains("font-weight=\"bold\">\(title)"), "\(title)")
            }
            let scores = entries.compactMap(\.validation)
            let best = try #require(session.training.best)
            #expect(scores.contains(best))
            #expect(!scores.contains { $0.isBetter(than: best) })
        }
    }
}
