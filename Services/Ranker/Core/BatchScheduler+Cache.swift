// The cache.
extension BatchScheduler {
    mutating func compactIfNeeded() {
        let live = running.reduce(0) { $0 + $1.liveCount }
        let next = min(stepBudget, running.reduce(0) { $0 + $1.readyCount })
        if takenCells - live > limits.buriedCells
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
