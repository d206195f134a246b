internal import Domain
internal import Foundation
internal import GGML
public import Releases
public import TrainingCore

/// A release's encoder asked for the test rows of a data set.
public struct ReleaseEvaluation {
    /// What is measured.
    public let release: Release
    /// Whose test rows are asked.
    public let dataSet: DataSet
    /// Every row's scores over the vocabulary, row after row.
    private let scores: [[Float]]

    /// Encodes every test row.
    ///
    /// - Throws: ``EvaluationFailure`` when the release was trained on other data than `dataSet`.
    public init(release: Release, dataSet: DataSet) throws {
        guard try Self.splitSHA256(dataSet) == release.manifest.training.splitSHA256 else {
            throw EvaluationFailure(
                "release \(release.manifest.name) was trained on other data: the split of "
                    + "\(dataSet.name) has another hash; next: the --data it was trained on")
        }
        let encoder = try SequentialEncoder(path: release.path(of: release.manifest.encoder.file))
        let everything = Array(0..<encoder.itemCount)
        var scores: [[Float]] = []
        for row in dataSet.split.test {
            let history = row.history.compactMap(release.vocabulary.index(of:))
            guard !history.isEmpty, release.vocabulary.index(of: row.target) != nil else {
                throw EvaluationFailure(
                    "the vocabulary of \(release.manifest.name) lacks a test row's items")
            }
            let state = try encoder.encode(sequences: [history])
            scores.append(try encoder.scores(state: state.row(0), items: everything))
        }
        self.release = release
        self.dataSet = dataSet
        self.scores = scores
    }

    /// Each test target's rank among the candidates drawn for its row.
    public func ranks(of sets: CandidateSets) throws -> [Int] {
        try sets.ranks { (row, set) throws in
            try set.candidates.map { candidate in
                guard let index = release.vocabulary.index(of: candidate) else {
                    throw EvaluationFailure("the vocabulary lacks a stored candidate")
                }
                return Double(scores[row][index])
            }
        }
    }

    /// Each test target's rank among all items outside its row's history.
    public func fullRanks() -> [Int] {
        zip(dataSet.split.test, scores).map { row, scores in
            let history = Set(row.history)
            let scored = zip(release.vocabulary.ids, scores)
                .filter { $0.0 == row.target || !history.contains($0.0) }
                .map { ScoredItem(itemID: $0, score: Double($1)) }
            return RankingMetrics.rank(of: row.target, in: scored) ?? scored.count
        }
    }

    /// SHA-256 of the split's canonical text, as the trainer recorded it.
    private static func splitSHA256(_ dataSet: DataSet) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("llara-split-\(UUID().uuidString).tsv")
        try Data(dataSet.split.canonicalText).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try sha256(ofFile: file.path)
    }
}
