internal import Dispatch
internal import Synchronization

extension SequentialEncoder {
    /// Values of the output table that are scored on the caller's thread (about half a
    /// millisecond).
    public static let inlineTableValues = 1 << 20
    /// Rows below which retrieval is not split over threads.
    public static let minimumRowsPerThread = 65_536

    /// The scores of just these items for a state, in their order.
    public func scores(
        state: ArraySlice<Float>, items indices: [Int]
    ) throws(ComputeError) -> [Float] {
        try check(state)
        try check(indices)
        return state.withUnsafeBufferPointer { state in
            indices.map { output.score(state, $0) }
        }
    }

    /// The `count` best items for a state, exactly, without those excluded; best first.
    ///
    /// - Parameters:
    ///   - tieOrder: for every item its place among equal scores; nil is by index.
    /// - Throws: `ComputeError` when the state has another width or is not finite.
    public func topK(
        state: ArraySlice<Float>, count: Int, excluding: Set<Int> = [], tieOrder: [Int32]? = nil
    ) throws(ComputeError) -> [(index: Int, score: Float)] {
        try check(state)
        guard tieOrder == nil || tieOrder?.count == itemCount else {
            throw ComputeError(
                code: .wrongDimension, message: "a tie order that does not name every item")
        }
        let limit = min(max(0, count), itemCount)
        let parts = min(threads, max(1, itemCount / Self.minimumRowsPerThread))
        let values = Array(state)
        @Sendable func best(_ part: Int) -> TopSelection {
            let range = itemCount * part / parts..<itemCount * (part + 1) / parts
            return values.withUnsafeBufferPointer {
                output.best(
                    $0, in: range, count: limit, excluding: excluding, tieOrder: tieOrder)
            }
        }
        if parts == 1 { return best(0).sorted() }
        let merged = Mutex(TopSelection(limit: limit, tieOrder: tieOrder))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let selection = best(part)
            merged.withLock { $0.merge(selection) }
        }
        return merged.withLock { $0.sorted() }
    }

    /// As ``topK(state:count:excluding:tieOrder:)``, off the cooperative pool for large tables.
    public func retrieve(
        state: ArraySlice<Float>, count: Int, excluding: Set<Int> = [], tieOrder: [Int32]? = nil
    ) async throws(ComputeError) -> [(index: Int, score: Float)] {
        if itemCount * stateDimension <= Self.inlineTableValues {
            return try topK(
                state: state, count: count, excluding: excluding, tieOrder: tieOrder)
        }
        return try await queue.run { () throws(ComputeError) in
            try self.topK(state: state, count: count, excluding: excluding, tieOrder: tieOrder)
        }
    }

    private func check(_ state: ArraySlice<Float>) throws(ComputeError) {
        guard state.count == stateDimension else {
            throw ComputeError(
                code: .wrongDimension,
                message: "a state of \(state.count) values, the network has \(stateDimension)")
        }
        guard let place = state.firstIndex(where: { !$0.isFinite }) else { return }
        throw ComputeError(
            code: .notFinite, message: "value \(place - state.startIndex) of a state is not finite")
    }
}
