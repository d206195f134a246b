import Domain
import GatewayCore
import RPC
import ServiceAPI
import Storage
import Wire

/// Where candidates come from, best first: the encoder's order of all its items, or a list that it
/// scored whole.
enum CandidateSource {
    case vocabulary
    case list([RetrievedItem])
}

/// Asks the encoder for candidates and scores.
struct CandidateScorer: Sendable {
    let encoder: EncoderClient

    /// A page of the source; empty without a page.
    ///
    /// - Throws: `StageFailure`, or `CancellationError`.
    func page(
        _ page: RetrievalPages.Page?, of source: CandidateSource, _ wanted: CandidateRequest,
        progress: inout CallProgress
    ) async throws -> [RetrievedItem] {
        guard let page else { return [] }
        return switch source {
        case .list(let items): Array(items.dropFirst(page.offset).prefix(page.count))
        case .vocabulary:
            try await retrieve(wanted, progress: &progress) {
                $0.count = page.count
                $0.offset = page.offset
                $0.excludedItemIDs = wanted.boundedExclusions
            }
        }
    }

    /// The scores of given items, in the order given, as many calls as their number needs.
    ///
    /// - Throws: `StageFailure`, or `CancellationError`.
    func scores(
        of itemIDs: [String], _ wanted: CandidateRequest, progress: inout CallProgress
    ) async throws -> [RetrievedItem] {
        var result: [RetrievedItem] = []
        while result.count < itemIDs.count {
            let part = itemIDs.dropFirst(result.count).prefix(WireLimits.maximumScoredItems)
            let scored = try await retrieve(wanted, progress: &progress) {
                $0.candidateItemIDs = Array(part)
            }
            guard scored.map(\.itemID) == Array(part) else {
                throw StageFailure(
                    stage: "encoder", reason: "internal",
                    message: "encoder scored \(scored.count) items of \(part.count)")
            }
            result += scored
        }
        return result
    }

    private func retrieve(
        _ wanted: CandidateRequest, progress: inout CallProgress,
        _ fill: (inout RetrieveRequest) -> Void
    ) async throws -> [RetrievedItem] {
        let release = wanted.release.reference
        var request = RetrieveRequest(
            release: release.description, sequence: ItemSequence(items: wanted.user.history))
        fill(&request)
        let asked = request
        let response = try await progress.call(.encoder) { options in
            try await encoder.retrieve(asked, options: options)
        }
        try requireRelease(response.release, release, stage: "encoder")
        return response.items
    }
}
