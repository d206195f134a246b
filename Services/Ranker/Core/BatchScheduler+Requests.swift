// Starting and ending.
extension BatchScheduler {
    mutating func startWaiting() {
        while !mustWipe, running.count < limits.runningRequests, let id = queue.first,
            let work = waiting[id], hasRoom(for: work)
        {
            _ = queue.takeFirst()
            waiting[id] = nil
            start(id, work)
        }
    }

    func hasRoom(for work: EngineWork) -> Bool {
        guard !running.isEmpty else { return true }
        let cells = running.reduce(work.cellCount) { $0 + $1.work.cellCount }
        return cells <= limits.sharedCells && freeSequences.count > work.waveSequenceCount
    }

    mutating func start(_ id: RequestID, _ work: EngineWork) {
        let sequence = freeSequences.removeLast()
        let reused = restorePrefix(of: work, to: sequence)
        let waveSequences = (0..<work.waveSequenceCount).map { _ in freeSequences.removeLast() }
        counts.startedRequests += 1
        counts.promptTokens += work.prompt.count
        counts.reusedTokens += reused
        counts.requestsWithReuse += reused == 0 ? 0 : 1
        running.append(
            RunningRequest(
                id, work, sequence: sequence, waveSequences: waveSequences,
                reusedCount: reused, lastStep: counts.steps))
    }

    mutating func restorePrefix(of work: EngineWork, to sequence: Int32) -> Int {
        guard let match = kept.longestPrefix(of: work.prompt, adapter: work.adapter) else {
            return 0
        }
        // For a moment the whole snapshot is in the cache.
        if takenCells + match.length > limits.cells { compact() }
        guard takenCells + match.length <= limits.cells else { return 0 }
        takenCells += match.count
        commands.append(
            .restore(snapshot: match.snapshot, sequence: sequence, count: match.count))
        return match.count
    }

    mutating func release(_ request: RunningRequest) {
        commands += request.waveBurial + [.bury(sequence: request.sequence, from: 0)]
        freeSequences += request.waveSequences + [request.sequence]
    }

    /// A request is over: its prompt is kept, the rest goes.
    mutating func end(_ request: RunningRequest) {
        let work = request.work
        let length = request.heldCount
        if kept.wants(work.prompt, adapter: work.adapter, length: length) {
            snapshots += 1
            commands.append(.save(sequence: request.sequence, snapshot: snapshots))
            let dropped = kept.keep(
                work.prompt, adapter: work.adapter, length: length, snapshot: snapshots)
            commands += dropped.map { .drop(snapshot: $0) }
        }
        release(request)
    }
}
