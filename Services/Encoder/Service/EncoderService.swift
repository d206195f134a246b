import Domain
import GGML
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Wire

/// Answers llara.v1.Encoder from loaded releases, the first of which is the active one.
///
/// A response names its release as `name@identity`, whatever form the request used.
struct EncoderService: EncoderHandler {
    private let loaded: [LoadedEncoder]

    /// Loads the network of every release.
    ///
    /// - Parameter maximumWaiting: computations of a release that wait for the one that runs.
    init(
        releases: [Release], threads: Int = 1,
        maximumWaiting: Int = ComputeLimits.maximumWaiting
    ) throws {
        loaded = try releases.map {
            try LoadedEncoder($0, threads: threads, maximumWaiting: maximumWaiting)
        }
    }

    /// User states; a sequence without any known item has none, which refuses the call.
    func encode(_ request: EncodeRequest, context: CallContext) async throws -> EncodeResponse {
        let served = try loaded.serving(request.release)
        let limit = min(
            EncoderLimits.maximumSequences,
            EncoderLimits.maximumResponseValues / served.encoder.stateDimension)
        try check(request.sequences.count, "sequences", atMost: limit)
        var sequences: [[Int]] = []
        for (index, sequence) in request.sequences.enumerated() {
            try check(
                sequence.items.count, "sequences[\(index)].items",
                atMost: EncoderLimits.maximumSequenceItems)
            let known = served.knownIndices(sequence)
            guard !known.isEmpty else {
                throw RPCError(
                    code: .failedPrecondition,
                    message: "sequences[\(index)] has no item that the release knows, so there is "
                        + "no state; leave it out")
            }
            sequences.append(known)
        }
        let states = try await computed {
            try await served.encoder.encode(
                batch: sequences, deadline: context.deadline)
        }
        return EncodeResponse(release: served.release.reference.description, states: states)
    }

    /// The best of the vocabulary, or the scores of given candidates.
    ///
    /// Without any known history item there is no state: nothing is retrieved, and every given
    /// candidate scores 0. A given candidate that the release does not know scores the median of
    /// the known ones. Exclusions and offset say nothing about given candidates. Equal scores stand
    /// in the order of ids, so that pages by offset fit together.
    func retrieve(
        _ request: RetrieveRequest, context: CallContext
    ) async throws -> RetrieveResponse {
        let served = try loaded.serving(request.release)
        try check(
            request.sequence?.items.count ?? 0, "sequence.items",
            atMost: EncoderLimits.maximumSequenceItems)
        try check(
            request.excludedItemIDs.count, "excluded_item_ids",
            atMost: EncoderLimits.maximumExclusions)
        try check(
            request.candidateItemIDs.count, "candidate_item_ids",
            atMost: EncoderLimits.maximumCandidates)
        guard Set(request.candidateItemIDs).count == request.candidateItemIDs.count else {
            throw invalid("candidate_item_ids", "an item stands there twice")
        }
        if request.candidateItemIDs.isEmpty {
            guard (1...EncoderLimits.maximumCandidates).contains(request.count) else {
                throw invalid("count", "must be 1 to \(EncoderLimits.maximumCandidates)")
            }
        }
        let history = served.knownIndices(request.sequence)
        var response = RetrieveResponse(
            release: served.release.reference.description, knownHistoryCount: history.count)
        let state =
            history.isEmpty
            ? nil
            : try await computed {
                try await served.encoder.encode(batch: [history], deadline: context.deadline)
                    .row(0)
            }
        response.items =
            request.candidateItemIDs.isEmpty
            ? try await best(of: served, after: state, request, deadline: context.deadline)
            : try await scored(request.candidateItemIDs, by: served, after: state)
        return response
    }

    /// Rows of known items in the order asked; the others are named.
    func itemRows(
        _ request: ItemRowsRequest, context: CallContext
    ) async throws -> ItemRowsResponse {
        let served = try loaded.serving(request.release)
        let limit = min(
            EncoderLimits.maximumItemRows,
            EncoderLimits.maximumResponseValues / served.encoder.dimension)
        try check(request.itemIDs.count, "item_ids", atMost: limit)
        var indices: [Int] = []
        var response = ItemRowsResponse(release: served.release.reference.description)
        for id in request.itemIDs {
            if let index = served.release.vocabulary.index(of: id) {
                indices.append(index)
                response.itemIDs.append(id)
            } else {
                response.notInReleaseIDs.append(id)
            }
        }
        let known = indices
        response.rows = try await computed { try served.encoder.itemRows(known) }
        return response
    }

    /// The release asked for; every served one, the active first, when none is named.
    func describe(
        _ request: DescribeRequest, context: CallContext
    ) async throws -> DescribeResponse {
        try loaded.described(request.release)
    }

    private func best(
        of served: LoadedEncoder, after state: ArraySlice<Float>?, _ request: RetrieveRequest,
        deadline: ContinuousClock.Instant?
    ) async throws -> [RetrievedItem] {
        guard let state else { return [] }
        let excluded = Set(
            request.excludedItemIDs.compactMap { served.release.vocabulary.index(of: $0) })
        let best = try await computed {
            try await served.encoder.retrieve(
                state: state, count: request.count, offset: request.offset,
                excluding: excluded, tieOrder: served.tieOrder, deadline: deadline)
        }
        return best.map {
            RetrievedItem(itemID: served.release.vocabulary.ids[$0.index], score: $0.score)
        }
    }

    private func scored(
        _ ids: [String], by served: LoadedEncoder, after state: ArraySlice<Float>?
    ) async throws -> [RetrievedItem] {
        let indices = ids.map { served.release.vocabulary.index(of: $0) }
        let known = indices.compactMap { $0 }
        let scores =
            if let state {
                try await computed { try served.encoder.scores(state: state, items: known) }
            } else {
                [Float](repeating: 0, count: known.count)
            }
        let median = median(of: scores)
        var next = scores.makeIterator()
        return zip(ids, indices).map { id, index in
            index == nil
                ? RetrievedItem(itemID: id, score: median, notInRelease: true)
                : RetrievedItem(itemID: id, score: next.next() ?? 0)
        }
    }
}

/// The middle value, or the mean of the two middle ones; 0 of none.
func median(of values: [Float]) -> Float {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
        ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/// Indices come from the vocabulary and states from the network, so what is not want of time or of
/// a place is our fault.
private func computed<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as ComputeError {
        let code: RPCError.Code =
            switch error.code {
            case .queueFull: .resourceExhausted
            case .deadlinePassed: .deadlineExceeded
            case .cancelled: .cancelled
            case .wrongDimension, .notFinite, .emptySequence, .indexOutOfRange, .unknownRole,
                .engine:
                .internalError
            }
        throw RPCError(code: code, message: error.description, cause: error)
    }
}

private func check(_ count: Int, _ field: String, atMost limit: Int) throws(RPCError) {
    guard count <= limit else { throw invalid(field, "has \(count) entries, allowed are \(limit)") }
}

private func invalid(_ field: String, _ message: String) -> RPCError {
    RPCError(
        code: .invalidArgument, message: "\(field): \(message)",
        details: [.fieldViolation(field: field, message: message)])
}
