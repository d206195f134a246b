import Domain
import GatewayCore
import RPC
import Releases
import ServiceAPI
import Wire

/// Behavioural tokens by item: row numbers into one tensor of width H.
struct BehaviouralTokens {
    let rowByItem: [String: Int]
    let vectors: FloatTensor?

    /// Of a prompt without vectors.
    static let none = BehaviouralTokens(rowByItem: [:], vectors: nil)
}

/// Finds the behavioural tokens of a prompt: from the cache, else by encoder and projector.
struct TokenStage: Sendable {
    let encoder: EncoderClient
    let projector: ProjectorClient
    let cache: BehaviouralTokenCache

    /// The tokens of those items that the release knows; only the ones not cached are asked for.
    ///
    /// - Throws: `StageFailure` naming the stage, or `CancellationError`.
    func tokens(
        of itemIDs: [String], release: ServedRelease, progress: inout CallProgress
    ) async throws -> BehaviouralTokens {
        var seen = Set<String>()
        let wanted = itemIDs.filter { release.knows($0) && seen.insert($0).inserted }
        guard !wanted.isEmpty else { return .none }
        var found = cache.tokens(of: wanted, release: release.reference)
        let missing = wanted.filter { found[$0] == nil }
        if !missing.isEmpty {
            let projected = try await project(missing, release: release, progress: &progress)
            cache.insert(projected, of: missing, release: release.reference)
            for (row, id) in missing.enumerated() { found[id] = Array(projected.row(row)) }
        }
        var values: [Float] = []
        for id in wanted { values += found[id] ?? [] }
        return BehaviouralTokens(
            rowByItem: Dictionary(uniqueKeysWithValues: wanted.enumerated().map { ($1, $0) }),
            vectors: FloatTensor(
                rows: wanted.count, columns: values.count / wanted.count, values: values))
    }

    private func project(
        _ itemIDs: [String], release: ServedRelease, progress: inout CallProgress
    ) async throws -> FloatTensor {
        let rows = try await progress.call(.itemRows) { options in
            try await encoder.itemRows(
                ItemRowsRequest(release: release.reference.description, itemIDs: itemIDs),
                options: options)
        }
        try requireRelease(rows.release, release.reference, stage: "encoder")
        guard rows.itemIDs == itemIDs else {
            throw StageFailure(
                stage: "encoder", reason: "internal",
                message: "encoder answered \(rows.itemIDs.count) rows for \(itemIDs.count)")
        }
        let projected = try await progress.call(.projector) { options in
            try await projector.project(
                ProjectRequest(
                    release: release.reference.description, role: "item", vectors: rows.rows),
                options: options)
        }
        try requireRelease(projected.release, release.reference, stage: "projector")
        let width = release.release.manifest.llm.embeddingDimension
        guard projected.vectors.rows == itemIDs.count, projected.vectors.columns == width else {
            throw StageFailure(
                stage: "projector", reason: "internal",
                message: "projector answered \(projected.vectors.rows) rows of width "
                    + "\(projected.vectors.columns) for \(itemIDs.count) of width \(width)")
        }
        return projected.vectors
    }
}
