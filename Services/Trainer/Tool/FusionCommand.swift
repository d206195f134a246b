import ArgumentParser
import DataSets
import Evaluation
import Foundation
import GatewayCore
import Releases
import TrainingCore

extension FusionTopic: ExpressibleByArgument {}

/// `llara-train fusion`: how much the LLM and the recommender weigh in a release's answers.
struct FusionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fusion",
        abstract: "Fits a release's fusion weights on validation users.",
        discussion: """
            Scores questions about validation users by the engines that serve, and finds the \
            weights of at least 0 under which the target's chance among the candidates is \
            greatest: once among random negatives (list-wise), once among what would be served. \
            Both are reported; a new release with the same files has the weights of --topic. Test \
            users are never asked.

              llara-train fusion --release releases/hybrid --data .prefix/data/movielens-100k \\
                --llm default --output releases/movielens-100k --name movielens-100k \\
                --scores fusion.jsonl
            """)

    @Option(help: "Release folder.") var release: String
    @Option(help: "Folder of the data set that it was trained on.") var data: String
    @Option(help: "GGUF file of the release's LLM, or default: .prefix/models/NAME.gguf.")
    var llm: String
    @Option(help: "Folder of the new release; must not exist.") var output: String
    @Option(help: "Name of the new release (default: the folder's).") var name: String?
    @Option(help: "Whose weights are stored: served (the recommender's first) or list-wise.")
    var topic = FusionTopic.served
    @Option(help: "Random negatives beside the target.") var negatives = 19
    @Option(help: "Draws of negatives.") var `repeat` = 5
    @Option(help: "Seed of negatives and intervals.") var seed: UInt64 = 1
    @Option(help: "Ask only about so many users, drawn by --seed.") var rows: Int?
    @Option(help: "File of the scores: continued when it is there.") var scores: String?
    @Option(help: "Compute threads.") var threads = ProcessInfo.processInfo.activeProcessorCount

    func validate() throws {
        guard (1...CandidateSets.maximumNegatives).contains(negatives) else {
            throw ValidationError(
                "--negatives must be 1 to \(CandidateSets.maximumNegatives), not \(negatives)")
        }
        guard (1...EvaluationRows.maximumDraws).contains(`repeat`) else {
            throw ValidationError(
                "--repeat must be 1 to \(EvaluationRows.maximumDraws), not \(`repeat`)")
        }
        guard (1...256).contains(threads) else {
            throw ValidationError("--threads must be 1 to 256, not \(threads)")
        }
        if let rows, rows < 1 { throw ValidationError("--rows must be at least 1, not \(rows)") }
    }

    func run() async throws {
        let opened = try Release(directory: release)
        guard let rule = SplitRule(rawValue: opened.manifest.training.split) else {
            throw EvaluationFailure(
                "release \(opened.manifest.name) was trained under a split that is not known here",
                next: "a release of llara-train")
        }
        // Before the long work, not after it.
        guard !FileManager.default.fileExists(atPath: output) else {
            throw EvaluationFailure("\(output) exists already", next: "another --output")
        }
        let rows = EvaluationRows(
            try DataSet(directory: data, rule: rule), part: .validation, negatives: negatives,
            seed: seed, count: rows)
        try rows.requireTraining(of: opened)
        let report = try FusionReport(
            try await answers(of: opened, rows), topic: topic, seed: seed)
        let settings = [
            "fusion_draws": "\(`repeat`)", "fusion_negatives": "\(negatives)",
            "fusion_seed": "\(seed)",
        ]
        let written = try report.chosen.write(
            opened, to: output, name: name ?? URL(fileURLWithPath: output).lastPathComponent,
            settings: report.record.merging(settings) { $1 })
        print(report.text(written))
    }

    private func answers(
        of release: Release, _ rows: EvaluationRows
    ) async throws -> [ScoredQuestion] {
        let recommender = try ReleaseRecommender(release)
        let prompts = try QuestionPrompts(of: release, titles: rows.titles, seed: seed)
        let questions =
            try rows.questions(.served, retrievedBy: recommender)
            + (0..<`repeat`).flatMap {
                rows.questions(.listWise, draw: $0, sets: try rows.candidateSets(draw: $0))
            }
        let file = try scores.map {
            try ScoreFile(
                path: $0,
                header: ScoreFileHeader(
                    release: release, rows: rows, representation: prompts.representation))
        }
        let scorer = try await PromptScorer(
            recommender, prompts: prompts,
            model: release.languageModelPath(for: llm), threads: threads)
        let display = ProgressDisplay(total: questions.count)
        let answers = try await ScoringRun(
            recommender, prompts: prompts, scorer: scorer, file: file
        ).answers(to: questions, generates: false) { done, _ in
            display.update(Double(done), "\(done) of \(questions.count) questions")
        }
        display.finish()
        await scorer.shutDown()
        return answers
    }
}
