import GatewayCore
import RPC

/// When a call must be answered.
struct Deadline: Sendable {
    let instant: ContinuousClock.Instant

    /// The caller's, or the default from now on.
    init(of context: CallContext) {
        instant = context.deadline ?? .now + RecommendLimits.defaultDeadline
    }

    var remaining: Duration { instant - .now }
}
