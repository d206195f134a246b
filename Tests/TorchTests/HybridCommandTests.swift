import ArgumentParser
import Domain
import Testing
import TrainingCore

@testable import llara_train

@Suite("The command llara-train hybrid")
struct HybridCommandTests {
    private func parse(_ options: [String]) throws -> HybridCommand {
        try HybridCommand.parse(["--release", "r", "--data", "d", "--output", "o"] + options)
    }

    @Test("without options it is the default recipe")
    func standard() throws {
        let recipe = try parse([]).hyperParameters(domain: "movie")
        #expect(recipe == .standard)
        #expect(recipe.objective == .list && recipe.hasUserState && recipe.gradientNorm == 1)
    }

    @Test(
        "the recipe llara has the paper's numbers, the learning rate by domain",
        arguments: [("movie", 8e-4), ("artist", 7e-4), ("game", 5e-4)])
    func paper(_ domain: String, _ rate: Double) throws {
        let recipe = try parse(["--recipe", "llara"]).hyperParameters(domain: domain)
        #expect(recipe.learningRate == rate && recipe.projectorLearningRate == rate)
        #expect(recipe.examplesPerStep == 128 && recipe.batch == 8)
        #expect(recipe.objective == .answer && recipe.schedule == .curriculum)
        #expect(recipe.projectorWeightDecay == 1e-5 && recipe.gradientNorm == nil)
        #expect(!recipe.hasUserState && recipe.drawsTemplate && recipe.shufflesCandidates)
        #expect(!recipe.keepsBest && recipe.candidates == 20 && recipe.hardShare == 0)
    }

    @Test("options change what they name, and text prompts leave nothing to project")
    func options() throws {
        let recipe = try parse([
            "--schedule", "two-stage", "--objective", "answer", "--examples", "100", "--batch",
            "3", "--accumulate", "2", "--negatives", "mixed:0.25", "--no-user-state",
        ]).hyperParameters(domain: "movie")
        #expect(recipe.schedule == .twoStage && recipe.objective == .answer)
        #expect(recipe.steps == 16 && recipe.batches == 32)
        #expect(recipe.record["examples"] == "96")
        #expect(recipe.hardShare == 0.25 && !recipe.hasUserState && recipe.hasProjector)
        for text in [["--schedule", "text"], ["--representation", "text"]] {
            let recipe = try parse(text).hyperParameters(domain: "movie")
            #expect(!recipe.hasProjector && !recipe.hasUserState)
            #expect(recipe.servedRepresentation == .text)
        }
        let index = try parse(["--representation", "index"]).hyperParameters(domain: "movie")
        #expect(!index.hasProjector && index.servedRepresentation == .index)
    }

    @Test(
        "values out of range are refused, those at the limits taken",
        arguments: [
            (["--examples", "0"], false), (["--examples", "100000000"], true),
            (["--examples", "100000001"], false), (["--batch", "0"], false),
            (["--batch", "256"], true), (["--batch", "257"], false),
            (["--accumulate", "4096"], true), (["--accumulate", "4097"], false),
            (["--learning-rate", "0"], false), (["--learning-rate", "1"], false),
            (["--projector-learning-rate", "0.5"], true), (["--warm-up", "1"], true),
            (["--distillation-weight", "0"], true), (["--distillation-weight", "1"], true),
            (["--distillation-weight", "1.1"], false), (["--distillation-weight", "nan"], false),
            (["--validity-weight", "1"], true), (["--validity-weight", "1.1"], false),
            (["--warm-up", "1.1"], false), (["--candidates", "1"], false),
            (["--candidates", "2"], true), (["--candidates", "480"], true),
            (["--candidates", "481"], false), (["--negatives", "mixed:1"], true),
            (["--negatives", "mixed:1.5"], false), (["--negatives", "easy"], false),
            (["--threads", "0"], false), (["--threads", "1024"], true),
            (["--threads", "1025"], false), (["--checkpoint-every", "0"], false),
            (["--validate-every", "0"], false), (["--validation-rows", "0"], true),
            (["--validation-rows", "100000"], true), (["--validation-rows", "100001"], false),
            (["--part-minutes", "0"], false), (["--type", "float16"], false),
            (["--schedule", "reverse"], false), (["--device", "cuda"], true),
        ])
    func ranges(_ options: [String], _ valid: Bool) {
        #expect(((try? parse(options)) != nil) == valid)
    }

    @Test("a budget below one step is refused with what to do")
    func noStep() throws {
        let command = try parse(["--recipe", "llara", "--examples", "127"])
        let error = #expect(throws: ValidationError.self) {
            try command.hyperParameters(domain: "movie")
        }
        #expect(error?.message.contains("a smaller --batch or --accumulate") == true)
        #expect(
            try parse(["--recipe", "llara", "--examples", "128"])
                .hyperParameters(domain: "movie").steps == 1)
    }
}
