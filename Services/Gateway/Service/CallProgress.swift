import GatewayCore
import RPC
import Storage
import Wire

/// What one call has of time, and what happened to it so far.
struct CallProgress {
    /// When the call must be answered.
    let deadline: ContinuousClock.Instant
    /// Times of the stages, in the order they ended; those of a branch follow those it ran beside.
    private(set) var times: [StageTime] = []
    /// The rungs of the ladder that were left.
    var degradations: [Degradation] = []
    private let budget: DeadlineBudget

    /// The caller's deadline, or the default from now on.
    init(_ context: CallContext) {
        let now = ContinuousClock.now
        deadline = context.deadline ?? now + RecommendLimits.defaultDeadline
        budget = DeadlineBudget(total: deadline - now)
    }

    /// The same call for stages that run beside others, with times of its own.
    func branched() -> CallProgress {
        var branch = self
        branch.times = []
        branch.degradations = []
        return branch
    }

    /// Takes what happened in a branch.
    mutating func join(_ branch: CallProgress) {
        times += branch.times
        degradations += branch.degradations
    }

    /// When a reading that begins now, beside a stage, has to end.
    func limit(of stage: CallStage) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        return now + (budget.allowance(of: stage, remaining: deadline - now) ?? .zero)
    }

    /// - Throws: `StageFailure` when the time to look for more candidates is over.
    func requireTimeToRefill() throws(StageFailure) {
        guard budget.allowsRefill(remaining: deadline - .now) else {
            throw StageFailure(
                stage: "candidates", reason: "deadline",
                message: "fewer candidates than wanted were found in half the time")
        }
    }

    /// Runs a stage within its share of the time, which `work` gets; its time counts also when it
    /// throws.
    ///
    /// - Throws: `StageFailure` when too little time is left to begin; else what `work` throws.
    mutating func run<Result>(
        _ stage: CallStage, _ work: (Duration) async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        guard let allowance = budget.allowance(of: stage, remaining: deadline - start) else {
            throw StageFailure(
                stage: stage.service, reason: "deadline",
                message: "too little time was left for \(stage.rawValue)")
        }
        defer {
            let elapsed = ContinuousClock.now - start
            times.append(StageTime(stage: stage.rawValue, milliseconds: elapsed / .milliseconds(1)))
        }
        return try await work(allowance)
    }

    /// Runs a call to another service; whatever fails there leaves this rung of the ladder.
    ///
    /// - Throws: `StageFailure`, or `CancellationError`.
    mutating func call<Response>(
        _ stage: CallStage, _ work: (CallOptions) async throws -> Response
    ) async throws -> Response {
        do {
            return try await run(stage) { try await work(CallOptions(timeout: $0)) }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StageFailure(stage: stage.service, error: error)
        }
    }

    /// Runs a reading of the database, without which there is no answer.
    ///
    /// - Throws: DEADLINE_EXCEEDED when too little time is left; else what `work` throws.
    mutating func read<Result>(
        _ stage: CallStage, _ work: (ContinuousClock.Instant) async throws -> Result
    ) async throws -> Result {
        do {
            return try await run(stage) { try await work(.now + $0) }
        } catch let failure as StageFailure {
            throw RPCError(code: .deadlineExceeded, message: failure.message)
        }
    }
}

extension CallStage {
    /// Who is asked: the name in a degradation.
    fileprivate var service: String {
        switch self {
        case .sequence, .catalog, .popularity: "database"
        case .encoder, .itemRows, .userState: "encoder"
        case .projector: "projector"
        case .ranker: "ranker"
        }
    }
}
