import Domain
import GatewayCore
import RPC
import Releases
import ServiceAPI
import Wire

/// Finds the vectors of a prompt: behavioural tokens from the cache, else by encoder and projector;
/// the user's state always by both, as it belongs to this request alone.
struct TokenStage: Sendable {
    let encoder: EncoderClient
    let projector: ProjectorClient
    let cache: BehaviouralTokenCache

    /// The tokens of those items that the release knows, where only the ones not cached are asked
    /// for, and the state after `sequence` if the release's prompts hold it.
    ///
    /// - Throws: `StageFailure` naming the stage, or `CancellationError`.
    func vectors(
        of itemIDs: [String], after sequence: [HistoryItem], release: ServedRelease,
        progress: inout CallProgress
    ) async throws -> PromptVectors {
        var seen = Set<String>()
        let wanted = itemIDs.filter { release.knows($0) && seen.insert($0).inserted }
        let tokens = try await tokens(of: wanted, release: release, progress: &progress)
        var values: [Float] = []
        for id in wanted { values += tokens[id] ?? [] }
        let state = try await userState(after: sequence, release: release, progress: &progress)
        return PromptVectors(itemIDs: wanted, tokens: values, userState: state)
    }

    private func tokens(
        of itemIDs: [String], release: ServedRelease, progress: inout CallProgress
    ) async throws -> [String: [Float]] {
        var found = cache.tokens(of: itemIDs, release: release.reference)
        let missing = itemIDs.filter { found[$0] == nil }
        guard !missing.isEmpty else { return found }
        let rows = try await itemRows(missing, release: release, progress: &progress)
        let projected = try await project(rows, as: .item, release: release, progress: &progress)
        cache.insert(projected, of: missing, release: release.reference)
        for (row, id) in missing.enumerated() { found[id] = Array(projected.row(row)) }
        return found
    }

    /// The projected state; nil where the prompts hold none, or the release knows no item of the
    /// sequence.
    private func userState(
        after sequence: [HistoryItem], release: ServedRelease, progress: inout CallProgress
    ) async throws -> ArraySlice<Float>? {
        guard release.release.manifest.usesUserState,
            sequence.contains(where: { release.knows($0.itemID) })
        else { return nil }
        let response = try await progress.call(.userState) { options in
            try await encoder.encode(
                EncodeRequest(
                    release: release.reference.description,
                    sequences: [ItemSequence(items: sequence)]),
                options: options)
        }
        try requireRelease(response.release, release.reference, stage: "encoder")
        guard response.states.rows == 1 else {
            throw StageFailure(
                stage: "encoder", reason: "internal",
                message: "encoder answered \(response.states.rows) user states for 1")
        }
        return try await project(
            response.states, as: .user, release: release, progress: &progress
        ).row(0)
    }

    private func itemRows(
        _ itemIDs: [String], release: ServedRelease, progress: inout CallProgress
    ) async throws -> FloatTensor {
        let response = try await progress.call(.itemRows) { options in
            try await encoder.itemRows(
                ItemRowsRequest(release: release.reference.description, itemIDs: itemIDs),
                options: options)
        }
        try requireRelease(response.release, release.reference, stage: "encoder")
        guard response.itemIDs == itemIDs else {
            throw StageFailure(
                stage: "encoder", reason: "internal",
                message: "encoder answered \(response.itemIDs.count) rows for \(itemIDs.count)")
        }
        return response.rows
    }

    private func project(
        _ vectors: FloatTensor, as role: VectorRole, release: ServedRelease,
        progress: inout CallProgress
    ) async throws -> FloatTensor {
        let response = try await progress.call(.projector) { options in
            try await projector.project(
                ProjectRequest(
                    release: release.reference.description, role: role.rawValue,
                    vectors: vectors),
                options: options)
        }
        try requireRelease(response.release, release.reference, stage: "projector")
        let width = release.release.manifest.llm.embeddingDimension
        guard response.vectors.rows == vectors.rows, response.vectors.columns == width else {
            throw StageFailure(
                stage: "projector", reason: "internal",
                message: "projector answered \(response.vectors.rows) rows of width "
                    + "\(response.vectors.columns) for \(vectors.rows) of width \(width)")
        }
        return response.vectors
    }
}
