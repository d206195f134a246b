internal import Domain

/// Linear warm-up, then cosine (LLaRA's code; the paper's section 4.1.4 names the warm-up).
///
/// The cosine's time counts from the run's first step, so that there is no offset where the
/// warm-up ends, just as in the reference.
public struct LearningRateSchedule: Sendable, Hashable {
    /// Where the warm-up begins and the cosine ends, as a share of the greatest rate.
    public static let lowestShare = 0.01
    /// LLaRA's share of the steps that warm up.
    public static let defaultWarmUpShare = 0.05

    /// Optimizer steps of the whole run.
    public let steps: Int
    /// Of them those that warm up.
    public let warmUpSteps: Int

    /// A schedule over `steps`, of which `warmUpShare`, rounded down, warm up.
    public init(steps: Int, warmUpShare: Double = defaultWarmUpShare) {
        self.steps = max(1, steps)
        warmUpSteps = Int(Double(self.steps) * min(1, max(0, warmUpShare)))
    }

    /// The share of the greatest learning rate at `step`, counted from 0.
    public func factor(at step: Int) -> Double {
        let low = Self.lowestShare
        if step < warmUpSteps {
            return low + (1 - low) * Double(step) / Double(warmUpSteps)
        }
        let time = Double(min(step, steps)) / Double(steps)
        return low + (1 - low) * 0.5 * (1 + cosine(.pi * time))
    }
}
