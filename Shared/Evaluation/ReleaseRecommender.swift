public import Domain
internal import GGML
public import Releases

/// A release's encoder and projector in this process, asked as the services ask them.
public final class ReleaseRecommender: Sendable {
    /// What is asked.
    public let release: Release
    private let encoder: SequentialEncoder
    private let projector: MLPProjector?
    private let tieOrder: [Int32]

    /// Loads the networks.
    ///
    /// - Throws: `GGUFError` or `ComputeError` for files that cannot be used.
    public init(_ release: Release) throws {
        self.release = release
        encoder = try SequentialEncoder(path: release.path(of: release.manifest.encoder.file))
        projector = try release.manifest.projector.map {
            try MLPProjector(path: release.path(of: $0.file))
        }
        tieOrder = release.vocabulary.placesByID
    }

    /// The scores of `items` after a history, in their order.
    ///
    /// - Throws: ``EvaluationFailure`` when the release does not know an item, or none of the
    ///   history.
    public func scores(of items: [String], after history: [String]) throws -> [Double] {
        let indices = try items.map(index(of:))
        return try encoder.scores(state: state(after: history), items: indices).map(Double.init)
    }

    /// The best items of the catalog after a history, best first, without those excluded.
    public func best(
        _ count: Int, after history: [String], excluding: Set<String>
    ) throws -> [ScoredItem] {
        let excluded = Set(excluding.compactMap(release.vocabulary.index(of:)))
        return try encoder.topK(
            state: state(after: history), count: count, excluding: excluded, tieOrder: tieOrder
        ).map {
            ScoredItem(itemID: release.vocabulary.ids[$0.index], score: Double($0.score))
        }
    }

    /// The behavioural tokens of items that the release knows, one row each.
    func behaviouralTokens(of items: [String]) throws -> FloatTensor {
        try project(try encoder.itemRows(try items.map(index(of:))), as: .item)
    }

    /// The projected state after a history.
    func userState(after history: [String]) throws -> ArraySlice<Float> {
        let state = Array(try state(after: history))
        return try project(
            FloatTensor(rows: 1, columns: state.count, values: state), as: .user
        ).row(0)
    }

    private func project(_ vectors: FloatTensor, as role: VectorRole) throws -> FloatTensor {
        guard let projector else {
            throw EvaluationFailure(
                "release \(release.manifest.name) has no projector",
                next: "--representation text")
        }
        return try projector.project(vectors, role: role.rawValue)
    }

    private func state(after history: [String]) throws -> ArraySlice<Float> {
        let known = history.compactMap(release.vocabulary.index(of:))
        guard !known.isEmpty else {
            throw EvaluationFailure(
                "release \(release.manifest.name) knows no item of a row's history",
                next: "the "
                    + "data that it was trained on")
        }
        return try encoder.encode(sequences: [known]).row(0)
    }

    private func index(of item: String) throws(EvaluationFailure) -> Int {
        guard let index = release.vocabulary.index(of: item) else {
            throw EvaluationFailure(
                "the vocabulary of \(release.manifest.name) lacks an item of the rows",
                next: "the "
                    + "data that it was trained on")
        }
        return index
    }
}
