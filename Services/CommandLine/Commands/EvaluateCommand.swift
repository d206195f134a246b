public import ArgumentParser
import DataSets
import Domain
import Evaluation
import Foundation
import Releases
import ServiceAPI
public import TrainingCore

extension SplitRule: ExpressibleByArgument {}

/// What is measured, one table or some each.
enum EvaluationTopic: String, ExpressibleByArgument, CaseIterable {
    case listWise = "list-wise"
    case pairWise = "pair-wise"
    case full
    case served
}

/// `llara evaluate`: how well releases find the next item of test users.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures releases on the test rows of their own split.",
        discussion: """
            Each test row asks for the item that followed a user's history: among --negatives \
            items drawn at random outside everything the user ever saw, among two, in the whole \
            catalog, or in the answer that would be served. Means come with their number of users \
            and a 95 % bootstrap interval over users. A release that was trained under another \
            split, or on other data, is refused: it may have seen the answers.

            Without --llm the recommender (SRS) answers alone, in a second. With it every prompt \
            is scored by the engine that serves, about a second each: --scores keeps the scores, \
            so that a run that was stopped goes on, and tables are made again without scoring.

            EXAMPLES
              llara evaluate --release releases/movielens-100k \\
                --data .prefix/data/movielens-100k --split users --repeat 20
              llara evaluate --release DIR --data DIR --split users --llm default \\
                --topic list-wise --topic served --scores scores.jsonl
              llara evaluate --release A --release B --data DIR --split leave-one-out \\
                --candidates candidates.tsv --llm default --rows 100 --json
              llara evaluate --cases cases.jsonl --gateway 127.0.0.1:7400
            """)

    @Option(help: "Release folder; several are compared with the first.")
    var release: [String] = []
    @Option(help: "Data folder, of llara import dataset or in RecBole's format.")
    var data: String?
    @Option(help: "users (LLaRA's), leave-one-out or published; must be the release's own.")
    var split: SplitRule?
    @Option(
        help: ArgumentHelp(
            "Ask the running services about these cases instead.",
            discussion: """
                JSON lines of history (oldest first), candidates and target, external ids; - is \
                standard input.
                """))
    var cases: String?
    @Flag(help: "Ask about validation users, for choices that the test must not see.")
    var validation = false
    @Option(
        help: ArgumentHelp(
            "What is measured: list-wise, pair-wise, full, served (default: list-wise and full).",
            discussion: "May be repeated."))
    var topic: [EvaluationTopic] = []
    @Option(
        help: "GGUF file of the release's LLM, or default: .prefix/models/NAME.gguf.")
    var llm: String?
    @Option(help: "text, behavioural, hybrid or index (default: the release's own).")
    var representation: Representation?
    @Flag(help: "Leave out free text, which takes about as long as the scores.") var noFreeText =
        false
    @Flag(
        help: """
            Also list-wise with the history in random order, with the behavioural tokens of other \
            items, and by the target's place in the prompt.
            """)
    var diagnostics = false
    @Option(help: "File of the LLM's scores, one for each --release: continued when it is there.")
    var scores: [String] = []
    @Option(help: "Random negatives beside the target.") var negatives = 19
    @Option(help: "Seed of negatives, rows and intervals.") var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "File of the candidates: used when it exists, written when it does not.",
            discussion: """
                With --repeat, the later draws are in FILE.2, FILE.3 and so on; of pair-wise in \
                FILE.pairs, FILE.pairs.2 and so on.
                """))
    var candidates: String?
    @Option(help: "Draws of negatives; a user's result is the mean over them.") var `repeat` = 1
    @Option(help: "Ask only about so many users, drawn by --seed.") var rows: Int?
    @Option(help: "Compute threads of the LLM.")
    var threads = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Print the tables in Markdown, for notes.") var markdown = false
    @OptionGroup var gateway: GatewayOptions

    func validate() throws {
        func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw ValidationError(
                    "\(name) must be \(range.lowerBound) to \(range.upperBound), not \(value)")
            }
        }
        guard !(gateway.json && markdown) else {
            throw ValidationError("--json or --markdown, not both")
        }
        guard cases == nil else {
            guard release.isEmpty, data == nil, split == nil, llm == nil else {
                throw ValidationError(
                    "--cases asks the running services: no --release, --data, --split or --llm")
            }
            return
        }
        guard !release.isEmpty, data != nil, split != nil else {
            throw ValidationError("give --release, --data and --split, or --cases")
        }
        try require("--negatives", negatives, 1...CandidateSets.maximumNegatives)
        try require("--repeat", `repeat`, 1...EvaluationRows.maximumDraws)
        try require("--threads", threads, 1...256)
        if let rows { try require("--rows", rows, 1...Int(Int32.max)) }
        try require("the number of --release", release.count, 1...ReleaseLimits.maximumReleases)
        guard scores.isEmpty || scores.count == release.count else {
            throw ValidationError("--scores must be given once for each --release")
        }
        guard llm != nil || (scores.isEmpty && !diagnostics) else {
            throw ValidationError("--scores and --diagnostics need --llm: the SRS alone has none")
        }
    }

    func run() async throws {
        try await reporting {
            if let cases { return try await ask(EvaluationCases(path: cases)) }
            guard let data, let split else { return }
            let releases = try release.map { try opened($0, split) }
            let rows = EvaluationRows(
                try DataSet(directory: data, rule: split),
                part: validation ? .validation : .test,
                negatives: negatives, seed: seed, count: rows)
            let sets = try (0..<`repeat`).map { try candidateSets($0, rows) }
            var summaries: [EvaluationSummary] = []
            for (index, release) in releases.enumerated() {
                summaries.append(
                    try await summary(
                        of: release, rows, sets, scores: scores.isEmpty ? nil : scores[index]))
            }
            let report = EvaluationReport(
                releases: releases, rows: rows, draws: `repeat`, summaries: summaries)
            try write(report)
        }
    }

    private func write(_ report: EvaluationReport) throws {
        Console.write(gateway.json ? try report.json() : report.text(inMarkdown: markdown))
    }

    /// Asks the running services, one case after the other.
    private func ask(_ asked: EvaluationCases) async throws {
        var answers = CaseAnswers()
        let display = ProgressDisplay("\(asked.name):", total: asked.cases.count)
        try await gateway.withGateway { caller in
            let client = GatewayClient(caller)
            for (done, one) in asked.cases.enumerated() {
                do {
                    try answers.add(
                        try await client.recommend(
                            CaseAnswers.request(one.question, representation: representation),
                            options: gateway.callOptions), to: one.question)
                } catch {
                    var failure = CommandError(error)
                    failure.details.append("in line \(one.line) of \(asked.name)")
                    throw failure
                }
                display.update(done + 1, rows: done + 1)
            }
        }
        _ = display.finish()
        try write(EvaluationReport(answers, seed: seed))
    }

    /// A release that may be asked.
    private func opened(_ directory: String, _ split: SplitRule) throws -> Release {
        let opened = try Release(directory: directory)
        let recorded = opened.manifest.training.split
        guard recorded == split.rawValue else {
            throw EvaluationFailure(
                "release \(opened.manifest.name) was trained under the split \(recorded), so "
                    + "\(split.rawValue) would ask what it may have seen",
                next: "--split \(recorded), or a release trained with --split \(split.rawValue)")
        }
        return opened
    }

    /// Asks one release everything.
    private func summary(
        of release: Release, _ rows: EvaluationRows, _ sets: [CandidateSets], scores: String?
    ) async throws -> EvaluationSummary {
        try rows.requireTraining(of: release)
        let recommender = try ReleaseRecommender(release)
        let prompts = try QuestionPrompts(
            of: release, representation: representation, titles: rows.titles, seed: seed)
        let questions = try questions(rows, sets, recommender, prompts.representation)
        let scorer: PromptScorer? =
            if let llm {
                try await PromptScorer(
                    recommender, prompts: prompts, model: release.languageModelPath(for: llm),
                    threads: threads)
            } else {
                nil
            }
        let file = try scores.map {
            try ScoreFile(
                path: $0,
                header: ScoreFileHeader(
                    release: release, rows: rows, representation: prompts.representation))
        }
        let display = ProgressDisplay("\(release.manifest.name):", total: questions.count)
        let answers = try await ScoringRun(
            recommender, prompts: prompts, scorer: scorer, file: file
        ).answers(to: questions, generates: !noFreeText) { done, asked in
            display.update(done, rows: asked)
        }
        let duration = display.finish()
        await scorer?.shutDown()
        if llm != nil {
            Console.notice(
                "\(release.manifest.name): \(questions.count) questions in "
                    + "\(Figures.duration(duration))\n")
        }
        return EvaluationSummary(
            answers, weights: release.manifest.fusionWeights, prompts: prompts, seed: seed)
    }
}
