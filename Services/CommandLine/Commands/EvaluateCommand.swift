public import ArgumentParser
import DataSets
import Evaluation
import Foundation
import Releases
public import TrainingCore

extension SplitRule: ExpressibleByArgument {}

/// `llara evaluate`: how well a release's encoder finds the next item of test users.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a release on the test rows of its own split.",
        discussion: """
            Each test row asks for the item that followed a user's history, among --negatives \
            items drawn at random outside everything the user ever saw, and among the whole \
            catalog. Means come with their number of users and a 95 % bootstrap interval over \
            users. A release that was trained under another split, or on other data, is refused: \
            it may have seen the answers.

              llara evaluate --release releases/movielens-100k \\
                --data .prefix/data/movielens-100k --split users --repeat 20
              llara evaluate --release DIR --data DIR --split leave-one-out \\
                --candidates candidates.tsv --json
            """)

    /// Most draws of one run.
    static let maximumRepeat = 1_000

    @Option(help: "Release folder.") var release: String
    @Option(help: "Data folder, of llara import dataset or in RecBole's format.") var data: String
    @Option(help: "users (LLaRA's), leave-one-out or published; must be the release's own.")
    var split: SplitRule
    @Option(help: "Random negatives beside the target.") var negatives = 19
    @Option(help: "Seed of negatives and interval.") var seed: UInt64 = 1
    @Option(
        help: ArgumentHelp(
            "File of the candidates: used when it exists, written when it does not.",
            discussion: "With --repeat, the later draws are in FILE.2, FILE.3 and so on."))
    var candidates: String?
    @Option(help: "Draws of negatives; a user's result is the mean over them.") var `repeat` = 1
    @Flag(help: "Print one JSON object on standard output.") var json = false

    func validate() throws {
        guard (1...CandidateSets.maximumNegatives).contains(negatives) else {
            throw ValidationError(
                "--negatives must be 1 to \(CandidateSets.maximumNegatives), not \(negatives)")
        }
        guard (1...Self.maximumRepeat).contains(`repeat`) else {
            throw ValidationError("--repeat must be 1 to \(Self.maximumRepeat), not \(`repeat`)")
        }
    }

    func run() throws {
        let opened = try Release(directory: release)
        let recorded = opened.manifest.training.split
        guard recorded == split.rawValue else {
            throw EvaluationFailure(
                "release \(opened.manifest.name) was trained under the split \(recorded), so "
                    + "\(split.rawValue) would ask what it may have seen; next: "
                    + "--split \(recorded), or a release trained with --split \(split.rawValue)")
        }
        let dataSet = try DataSet(directory: data, rule: split)
        let evaluation = try ReleaseEvaluation(release: opened, dataSet: dataSet)
        var draws: [[Int]] = []
        for draw in 0..<`repeat` {
            draws.append(try evaluation.ranks(of: sets(draw, dataSet)))
        }
        let report = EvaluationReport(
            evaluation: evaluation, draws: draws, negatives: negatives, seed: seed)
        FileHandle.standardOutput.write(Data((try json ? report.json() : report.text()).utf8))
    }

    /// The candidates of one draw: stored ones, or new ones, stored when a file is named.
    private func sets(_ draw: Int, _ dataSet: DataSet) throws -> CandidateSets {
        let split = String(dataSet.split.stableHash, radix: 16)
        let file = candidates.map { draw == 0 ? $0 : "\($0).\(draw + 1)" }
        if let file, FileManager.default.fileExists(atPath: file) {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            let stored = try CandidateSets(decoding: bytes, source: file)
            guard stored.split == split, stored.negatives == negatives,
                stored.sets.map(\.target) == dataSet.split.test.map(\.target)
            else {
                throw EvaluationFailure(
                    "\(file) holds candidates of other rows or another --negatives; "
                        + "next: another --candidates")
            }
            return stored
        }
        let drawn = try CandidateSets(
            drawing: negatives, for: dataSet.split.test, catalog: dataSet.items.map(\.id),
            seen: dataSet.seen, split: split, seed: seed &+ UInt64(draw))
        if let file {
            try Data(drawn.encoded).write(to: URL(fileURLWithPath: file), options: .atomic)
        }
        return drawn
    }
}
