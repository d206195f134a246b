extension SequentialEncoder {
    /// Values of the output table that are scored on the caller's thread (about half a
    /// millisecond).
    public static let inlineTableValues = 1 << 20

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
    ///   - offset: how many of the best are left out before them, as an earlier page had them.
    ///   - tieOrder: for every item its place among equal scores; nil is by index.
    /// - Throws: `ComputeError` when the state has another width or is not finite.
    public func topK(
        state: ArraySlice<Float>, count: Int, offset: Int = 0, excluding: Set<Int> = [],
        tieOrder: [Int32]? = nil
    ) throws(ComputeError) -> [(index: Int, score: Float)] {
        try check(state)
        guard tieOrder == nil || tieOrder?.count == itemCount else {
            throw ComputeError(
                code: .wrongDimension, message: "a tie order that does not name every item")
        }
        let query = ItemTable.Query(
            state: Array(state), count: count, offset: offset, excluding: excluding)
        return output.best(for: [query], tieOrder: tieOrder, threads: threads)[0]
    }

    /// As ``topK(state:count:offset:excluding:tieOrder:)``, off the cooperative pool for large
    /// tables.
    ///
    /// - Throws: `ComputeError`, also with `queueFull`, `deadlinePassed` and `cancelled`.
    public func retrieve(
        state: ArraySlice<Float>, count: Int, offset: Int = 0, excluding: Set<Int> = [],
        tieOrder: [Int32]? = nil, deadline: ContinuousClock.Instant? = nil
    ) async throws(ComputeError) -> [(index: Int, score: Float)] {
        if itemCount * stateDimension <= Self.inlineTableValues {
            return try topK(
                state: state, count: count, offset: offset, excluding: excluding,
                tieOrder: tieOrder)
        }
        return try await queue.run(deadline: deadline) { () throws(ComputeError) in
            try self.topK(
                state: state, count: count, offset: offset, excluding: excluding,
                tieOrder: tieOrder)
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
