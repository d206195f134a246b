import DataSets
import Domain
import Foundation
import GGML
import Releases
import TrainingCore
import TrainingModels

/// What hybrid training reads: a trained recommender's release, and the data set it was trained on.
struct HybridInputs {
    let release: Release
    let dataSet: DataSet
    let encoder: SequentialEncoder
    /// Training sequences in the vocabulary's indices.
    let sequences: [[Int]]
    /// By vocabulary index.
    let titles: [ItemTitle]
    let splitSHA256: [UInt8]

    /// What a prompt says of an item.
    struct ItemTitle {
        let id: String
        let title: String
        let year: String?
    }

    /// Reads both and checks that they belong together.
    ///
    /// - Parameter scratch: a folder for the split's text, which is hashed as a file.
    init(release directory: String, data: String, split: SplitRule?, scratch: String) throws {
        release = try Release(directory: directory)
        let training = release.manifest.training
        guard let recorded = SplitRule(rawValue: training.split) else {
            throw TrainingFailure(
                description: "\(directory) was trained under the split \(training.split), which "
                    + "this program does not know; next: llara-train sequential")
        }
        guard split == nil || split == recorded else {
            throw TrainingFailure(
                description: "\(directory) was trained under --split \(recorded.rawValue), not "
                    + "\(split?.rawValue ?? ""); next: leave --split out, or another --release")
        }
        dataSet = try DataSet(directory: data, rule: recorded)
        let file = "\(scratch)/split.tsv"
        try Data(dataSet.split.canonicalText).write(
            to: URL(fileURLWithPath: file), options: .atomic)
        splitSHA256 = try sha256(ofFile: file)
        guard splitSHA256 == training.splitSHA256 else {
            throw TrainingFailure(
                description: "\(directory) was trained on other rows than --data \(data) yields "
                    + "under \(recorded.rawValue); next: the data set \(training.dataset), or "
                    + "train a recommender on this one")
        }
        titles = try Self.titles(of: release, in: dataSet)
        let vocabulary = release.vocabulary
        sequences = dataSet.split.training.map { $0.itemIDs.compactMap(vocabulary.index) }
        encoder = try SequentialEncoder(path: release.path(of: release.manifest.encoder.file))
    }

    private static func titles(of release: Release, in dataSet: DataSet) throws -> [ItemTitle] {
        let items = Dictionary(dataSet.items.map { ($0.id, $0) }) { first, _ in first }
        let vocabulary = release.vocabulary
        let titles = vocabulary.ids.compactMap { id in
            items[id].map {
                ItemTitle(id: id, title: $0.title, year: $0.year.map { String($0) })
            }
        }
        guard titles.count == vocabulary.count, items.count == vocabulary.count else {
            throw TrainingFailure(
                description: "the release knows \(vocabulary.count) items, the data set "
                    + "\(items.count), both \(titles.count); next: the data set that "
                    + "\(release.directory) was trained on")
        }
        return titles
    }

    /// Training prefixes are as long as the rows to be answered, so that user states are made of as
    /// many items.
    var historyLimit: Int? { dataSet.split.validation.map(\.history.count).max() }

    /// What a projector's role will see, for its start: item rows, or states of training users.
    func sample(_ role: ProjectorNetwork.Role) throws -> FloatTensor {
        let most = 1_024
        switch role {
        case .item: return try encoder.itemRows(Array(0..<min(most, titles.count)))
        case .user:
            // Half of a sequence is as long as a training prefix is on average.
            let prefixes = sequences.filter { $0.count > 1 }.prefix(most).map { sequence in
                Array(sequence[..<(sequence.count / 2)].suffix(historyLimit ?? sequence.count))
            }
            return try encoder.encode(sequences: prefixes)
        }
    }

    /// What the encoder puts first after `prefix`, without `excluding`.
    func retrieve(_ prefix: [Int], _ excluding: Set<Int>, _ count: Int) throws -> [Int] {
        let state = try encoder.encode(sequences: [prefix])
        return try encoder.topK(state: state.row(0), count: count, excluding: excluding)
            .map(\.index)
    }

    /// What the encoder makes of just these items after `prefix`, in their order.
    func scores(_ prefix: [Int], _ items: [Int]) throws -> [Float] {
        try encoder.scores(state: encoder.encode(sequences: [prefix]).row(0), items: items)
    }

    /// Validation rows with their candidate sets, the same for every run of this seed; rows that
    /// are left over are drawn away, not cut off.
    func validation(rows count: Int, candidates: Int, seed: UInt64) throws -> [ValidationRow] {
        var rows = dataSet.split.validation
        var generator = SeededGenerator(seed: seed, parts: ["validation rows"])
        generator.shufflePrefix(&rows, count: count)
        rows = Array(rows.prefix(count))
        guard !rows.isEmpty else { return [] }
        let sets = try CandidateSets(
            drawing: candidates - 1, for: rows, catalog: release.vocabulary.ids,
            seen: dataSet.seen, split: String(dataSet.split.stableHash, radix: 16), seed: seed)
        return zip(rows, sets.sets).compactMap { row, set in
            let history = row.history.compactMap(release.vocabulary.index)
            let shown = set.candidates.compactMap(release.vocabulary.index)
            guard let target = release.vocabulary.index(of: row.target), !history.isEmpty else {
                return nil
            }
            return ValidationRow(prefix: history, candidates: shown, target: target)
        }
    }
}

/// A validation row in indices.
struct ValidationRow {
    let prefix: [Int]
    let candidates: [Int]
    let target: Int
}
