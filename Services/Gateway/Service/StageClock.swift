import Wire

/// Times the stages of one call, in the order they ended.
struct StageClock {
    private(set) var times: [StageTime] = []

    /// Runs `work` as a stage; its time counts also when it throws.
    mutating func time<Result>(
        _ stage: String, _ work: () async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        defer {
            let elapsed = ContinuousClock.now - start
            times.append(StageTime(stage: stage, milliseconds: elapsed / .milliseconds(1)))
        }
        return try await work()
    }
}
