import ArgumentParser
import DataSets
import Domain
import Evaluation
import Foundation
import Releases
import TrainingCore

/// The split rules by the names that releases record.
enum EvaluationSplit: String, ExpressibleByArgument, CaseIterable {
    case users
    case leaveOneOut = "leave-one-out"

    var rule: SplitRule { self == .users ? .users : .leaveOneOut }
}

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
            """)

    @Option(help: "Release folder; several are compared with the first.") var release: [String]
    @Option(help: "Folder of the data set.") var data: String
    @Option(help: "users (LLaRA's) or leave-one-out; must be the release's own.")
    var split: EvaluationSplit
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
            discussion: "With --repeat, the later draws are in FILE.2, FILE.3 and so on."))
    var candidates: String?
    @Option(help: "Draws of negatives; a user's result is the mean over them.") var `repeat` = 1
    @Option(help: "Ask only about so many users, drawn by --seed.") var rows: Int?
    @Option(help: "Compute threads of the LLM.")
    var threads = ProcessInfo.processInfo.activeProcessorCount
    @OptionGroup var format: EvaluationFormatOptions

    func validate() throws {
        func require(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw ValidationError(
                    "\(name) must be \(range.lowerBound) to \(range.upperBound), not \(value)")
            }
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
            let releases = try release.map(opened)
            let rows = EvaluationRows(
                try DataSet(directory: data, rule: split.rule),
                part: validation ? .validation : .test,
                negatives: negatives, seed: seed, count: rows)
            let sets = try (0..<`repeat`).map { try candidateSets($0, rows) }
            var summaries: [(name: String, summary: EvaluationSummary)] = []
            for (index, release) in releases.enumerated() {
                summaries.append(
                    (
                        release.manifest.name,
                        try await summary(
                            of: release, rows, sets, scores: scores.isEmpty ? nil : scores[index])
                    ))
            }
            let report = EvaluationReport(
                releases: releases, rows: rows, draws: `repeat`, summaries: summaries.map(\.summary)
            )
            Console.write(try format.text(of: report))
        }
    }

    /// A release that may be asked.
    private func opened(_ directory: String) throws -> Release {
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
                    recommender, prompts: prompts, model: Self.path(of: llm, for: release),
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

    /// What is asked of one release.
    private func questions(
        _ rows: EvaluationRows, _ sets: [CandidateSets], _ recommender: ReleaseRecommender,
        _ representation: Representation
    ) throws -> [EvaluationQuestion] {
        let topics = topic.isEmpty ? [.listWise, .full] : topic
        var questions: [EvaluationQuestion] = []
        for (draw, set) in sets.enumerated() {
            if topics.contains(.listWise) || diagnostics {
                questions += rows.questions(.listWise, draw: draw, sets: set)
            }
            if topics.contains(.pairWise) {
                let pairs = try rows.candidateSets(draw: draw, negatives: 1)
                questions += rows.questions(.pairWise, draw: draw, sets: pairs)
            }
            if diagnostics {
                questions += rows.questions(.shuffledHistory, draw: draw, sets: set)
                if representation.hasBehaviouralTokens {
                    questions += rows.questions(.permutedTokens, draw: draw, sets: set)
                }
            }
        }
        if topics.contains(.full) {
            questions += try rows.questions(.full, retrievedBy: recommender)
        }
        if topics.contains(.served) {
            questions += try rows.questions(.served, retrievedBy: recommender)
        }
        return questions
    }

    /// The candidates of one draw: stored ones, or new ones, stored when a file is named.
    private func candidateSets(_ draw: Int, _ rows: EvaluationRows) throws -> CandidateSets {
        let drawn = try rows.candidateSets(draw: draw)
        guard let file = candidates.map({ draw == 0 ? $0 : "\($0).\(draw + 1)" }) else {
            return drawn
        }
        if FileManager.default.fileExists(atPath: file) {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            let stored = try CandidateSets(decoding: bytes, source: file)
            guard stored.split == drawn.split, stored.negatives == negatives,
                stored.sets.map(\.target) == drawn.sets.map(\.target),
                stored.sets.map(\.userID) == drawn.sets.map(\.userID)
            else {
                throw EvaluationFailure(
                    "\(file) holds candidates of other rows or another --negatives",
                    next: "another --candidates")
            }
            return stored
        }
        try Data(drawn.encoded).write(to: URL(fileURLWithPath: file), options: .atomic)
        return drawn
    }

    /// The LLM's file: the one named, or where the bootstrap puts the release's.
    private static func path(of llm: String, for release: Release) throws -> String {
        let path =
            llm == "default" ? ".prefix/models/\(release.manifest.llm.name).gguf" : llm
        guard FileManager.default.fileExists(atPath: path) else {
            throw EvaluationFailure(
                "\(path) is not there",
                next: "Deploy/bootstrap in the folder of the clone, or "
                    + "--llm FILE.gguf")
        }
        return path
    }
}
