internal import Domain
public import GatewayCore
public import Releases
public import TrainingCore

/// The rows of a data set that are asked about, and their candidates: the same for every release.
public struct EvaluationRows: Sendable {
    /// Which users' last items are asked for.
    public enum Part: String, Sendable, CaseIterable {
        /// Nothing was ever fitted to them.
        case test
        /// What early stopping and fusion weights may see.
        case validation
    }

    /// Most draws of one run.
    public static let maximumDraws = 1_000

    /// The rows.
    public let rows: [EvaluationCase]
    /// The data set.
    public let dataSet: DataSet
    /// Which part the rows are.
    public let part: Part
    /// Random negatives of a list-wise question.
    public let negatives: Int
    /// Seed of every draw.
    public let seed: UInt64

    /// Takes all rows, or `count` of them drawn by the seed, in the data set's order.
    public init(
        _ dataSet: DataSet, part: Part = .test, negatives: Int = 19, seed: UInt64 = 1,
        count: Int? = nil
    ) {
        let all = part == .test ? dataSet.split.test : dataSet.split.validation
        var places = Array(all.indices)
        var generator = SeededGenerator(seed: seed, parts: ["rows"])
        generator.shufflePrefix(&places, count: count ?? 0)
        rows = count.map { places.prefix($0).sorted().map { all[$0] } } ?? all
        self.dataSet = dataSet
        self.part = part
        self.negatives = negatives
        self.seed = seed
    }

    /// SHA-256 of the split's canonical text, as the trainer recorded it.
    public var splitSHA256: [UInt8] { sha256(of: dataSet.split.canonicalText) }

    /// Refuses a release that was trained on another split, whose rows it may have seen.
    public func requireTraining(of release: Release) throws(EvaluationFailure) {
        guard splitSHA256 == release.manifest.training.splitSHA256 else {
            throw EvaluationFailure(
                "release \(release.manifest.name) was trained on other data: the split of "
                    + "\(dataSet.name) has another hash",
                next: "the --data it was trained on")
        }
    }

    /// One draw of candidates for all rows.
    ///
    /// - Throws: `DataError` when a user has seen too much.
    public func candidateSets(draw: Int, negatives: Int? = nil) throws(DataError) -> CandidateSets {
        try CandidateSets(
            drawing: negatives ?? self.negatives, for: rows, catalog: dataSet.items.map(\.id),
            seen: dataSet.seen, split: String(dataSet.split.stableHash, radix: 16),
            seed: seed, draw: draw)
    }

    /// Refuses stored candidates that are not such as ``candidateSets(draw:negatives:)`` draws.
    ///
    /// - Parameter source: what they were read from, for the message.
    public func require(
        _ stored: CandidateSets, negatives: Int? = nil, source: String
    ) throws(EvaluationFailure) {
        let negatives = negatives ?? self.negatives
        let problem: String? =
            if stored.split != String(dataSet.split.stableHash, radix: 16) {
                "candidates of another split"
            } else if stored.negatives != negatives {
                "\(stored.negatives) negatives a row where \(negatives) are asked for"
            } else if stored.seed != seed {
                "candidates of seed \(stored.seed) where \(seed) is asked for"
            } else {
                stored.problem(
                    for: rows, catalog: Set(dataSet.items.map(\.id)), seen: dataSet.seen)
            }
        guard let problem else { return }
        throw EvaluationFailure(
            "\(source) holds \(problem)",
            next: "another --candidates, or the options that it was made with")
    }

    /// Questions with the candidates of `sets`, in the rows' order.
    public func questions(
        _ kind: EvaluationQuestion.Kind, draw: Int, sets: CandidateSets
    ) -> [EvaluationQuestion] {
        zip(rows, sets.sets).map { row, set in
            EvaluationQuestion(kind, draw: draw, of: row, candidates: set.candidates)
        }
    }

    /// Questions whose candidates a release's recommender retrieves.
    public func questions(
        _ kind: EvaluationQuestion.Kind, retrievedBy recommender: ReleaseRecommender
    ) throws -> [EvaluationQuestion] {
        try rows.map { row in
            let isServed = kind == .served
            let seen = isServed ? dataSet.seen[row.userID, default: []] : []
            let best = try recommender.best(
                isServed ? EvaluationQuestion.servedCount : EvaluationQuestion.firstCount,
                after: row.history,
                excluding: seen.union(row.history).subtracting([row.target]))
            return EvaluationQuestion(kind, of: row, candidates: best.map(\.itemID))
        }
    }
}

extension EvaluationRows {
    /// The titles of the catalog, as an import of the data set makes them.
    public var titles: [DistinctTitles.Entry] {
        dataSet.items.map {
            DistinctTitles.Entry(id: $0.id, title: $0.title, year: $0.year.map { "\($0)" })
        }
    }
}
