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
    /// Both are found beside each other: in series each of their four calls could take half of the
    /// time that is left, and nothing would be left for the ranker.
    ///
    /// - Throws: `StageFailure` naming the stage, or `CancellationError`.
    func vectors(
        of itemIDs: [String], after sequence: [HistoryItem], release: ServedRelease,
        progress: inout CallProgress
    ) async throws -> PromptVectors {
        var seen = Set<String>()
        let wanted = itemIDs.filter { release.knows($0) && seen.insert($0).inserted }
        return try await withThrowingTaskGroup(of: StateBranch.self) { group -> PromptVectors in
            let start = progress.branched()
            group.addTask { await stateBranch(after: sequence, release: release, start) }
            do {
                let tokens = try await tokens(of: wanted, release: release, progress: &progress)
                let branch = try await group.next()
                if let branch { progress.join(branch.progress) }
                return PromptVectors(
                    itemIDs: wanted, tokens: wanted.flatMap { tokens[$0] ?? [] },
                    userState: try branch?.state.get())
            } catch {
                group.cancelAll()
                while let branch = try await group.next() { progress.join(branch.progress) }
                throw error
            }
        }
    }

    /// What came of looking for the user's state.
    private struct StateBranch {
        let state: Result<ArraySlice<Float>?, any Error>
        let progress: CallProgress
    }

    private func stateBranch(
        after sequence: [HistoryItem], release: ServedRelease, _ start: CallProgress
    ) async -> StateBranch {
        var progress = start
        do {
            let state = try await userState(after: sequence, release: release, progress: &progress)
            return StateBranch(state: .success(state), progress: progress)
        } catch {
            return StateBranch(state: .failure(error), progress: progress)
        }
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
