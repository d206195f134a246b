// Steps.
extension BatchScheduler {
    var stepBudget: Int {
        running.count == 1 ? limits.soloStepTokens : limits.sharedStepTokens
    }

    mutating func compose(_ step: inout BatchStep) {
        // Who has waited longest for a step says which adapter has its turn.
        guard
            let turn = running.indices.min(by: {
                (running[$0].lastStep, $0) < (running[$1].lastStep, $1)
            })
        else { return }
        step.adapter = running[turn].work.adapter
        var group = running.indices.filter { running[$0].work.adapter == step.adapter }
            .sorted { (running[$0].remainingCount, $0) < (running[$1].remainingCount, $1) }
        var left = min(stepBudget, limits.cells - takenCells)
        let guaranteed =
            running.count == 1 ? left : min(left / group.count, limits.guaranteedTokens)
        // Running requests stand in the order in which they started.
        if let oldest = group.filter({ running[$0].readyCount > guaranteed }).min(),
            running[oldest].stepCount % BatchLimits.stepsToTurn == BatchLimits.stepsToTurn - 1
        {
            group.removeAll { $0 == oldest }
            group.insert(oldest, at: 0)
        }
        var shares = group.map { min(running[$0].readyCount, guaranteed) }
        left -= shares.reduce(0, +)
        for (place, index) in group.enumerated() {
            let more = min(left, running[index].readyCount - shares[place])
            shares[place] += more
            left -= more
        }
        for (place, index) in group.enumerated() where shares[place] > 0 {
            running[index].fill(&step, count: shares[place], number: counts.steps + 1)
        }
    }

    mutating func advance(_ answers: [LogitAnswer], _ step: BatchStep) -> [Event] {
        counts.evaluatedTokens += step.positions.count
        takenCells += step.positions.count
        return step.shares.flatMap { share -> [Event] in
            guard let index = running.firstIndex(where: { $0.id == share.request }) else {
                return []
            }
            let progress = running[index].advance(answers[share.outputs])
            let generated = running[index].takeGenerated()
            var events: [Event] =
                generated.isEmpty ? [] : [.generated(share.request, generated)]
            guard progress != .running else {
                commands += running[index].endWave()
                return events
            }
            let request = running.remove(at: index)
            if progress == .notFinite {
                // What is no number could spoil what shares the cache with it.
                mustWipe = true
                release(request)
                return [.failed(share.request, notFinite: true)]
            }
            end(request)
            if let result = request.result { events.append(.scored(share.request, result)) }
            return events
        }
    }
}
