/// Pauses that double up to a longest, each drawn from its upper half.
///
/// The draw keeps replicas from coming back in step ("Exponential Backoff and Jitter", AWS
/// Architecture Blog, 2015, "equal jitter").
public struct Backoff: Sendable, Hashable {
    /// The first pause before the draw.
    public var first: Duration = .milliseconds(50)
    /// The longest pause.
    public var longest: Duration = .seconds(5)

    /// Makes the default pauses: 50 ms doubling to 5 s.
    public init() {}

    /// The pause after failure number `attempt` (from 1), between half and all of its size.
    public func pause(
        afterAttempt attempt: Int, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        // 2^20 x 50 ms is far beyond any longest pause, and cannot overflow.
        let doublings = min(max(attempt - 1, 0), 20)
        let full = min(first * (1 << doublings), longest)
        return full * Double.random(in: 0.5...1, using: &generator)
    }
}
