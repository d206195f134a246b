// The cache.
extension BatchScheduler {
    mutating func compactIfNeeded() {
        let live = running.reduce(0) { $0 + $1.liveCount }
        let next = min(stepBudget, running.reduce(0) { $0 + $1.readyCount })
        if takenCells - live > max(limits.buriedCells, live)
            || takenCells + next > limits.cells && takenCells > live
        {
            compact()
        }
    }

    /// Leaves no buried cell: what runs is saved, and restored into the empty cache.
    mutating func compact() {
        let held = running.filter { $0.heldCount > 0 }
        var temporary: [CacheCommand] = []
        for request in held {
            snapshots += 1
            commands.append(.save(sequence: request.sequence, snapshot: snapshots))
            temporary += [
                .restore(
                    snapshot: snapshots, sequence: request.sequence, count: request.heldCount),
                .drop(snapshot: snapshots),
            ]
        }
        clear(data: false)
        commands += temporary
        for index in running.indices { running[index].rewindWave() }
        takenCells = held.reduce(0) { $0 + $1.heldCount }
    }

    mutating func clear(data: Bool) {
        commands.append(.clear(data: data))
        takenCells = 0
        if data { mustWipe = false }
    }

    /// Nobody knows which of the last commands were done: nothing is taken for granted, and the
    /// next ones are such as cannot fail.
    ///
    /// - Returns: Requests that ran, all of which are over.
    mutating func startAfresh() -> [RequestID] {
        let ids = running.map(\.id)
        running = []
        leaving = []
        kept = KeptPrompts(maximumCount: limits.keptPrompts, maximumTokens: limits.keptTokens)
        freeSequences = Self.allSequences(limits)
        commands = [.dropAll]
        clear(data: true)
        return ids
    }

    static func allSequences(_ limits: BatchLimits) -> [Int32] {
        (0..<Int32(limits.sequences)).reversed()
    }

    /// The cache may hold any part of `step`: nothing of it shall stay.
    mutating func undo(_ step: BatchStep) {
        var first: [Int32: Int] = [:]
        for position in step.positions {
            for sequence in step.sequences[position.sequences] {
                first[sequence] = min(first[sequence] ?? position.index, position.index)
            }
        }
        commands += first.sorted { $0.key < $1.key }.map { .cut(sequence: $0, from: $1) }
        for index in running.indices { running[index].cancelPlan() }
    }
}
