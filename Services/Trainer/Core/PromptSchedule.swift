internal import Domain

/// When a batch's prompts are the hard ones, with behavioural tokens, and when text alone.
///
/// LLaRA section 3.3.2: at time τ of T the hard task is drawn with probability p(τ). There is one
/// clock for the whole run, the batches trained so far; the reference code restarted it with every
/// epoch and worker.
public enum PromptSchedule: String, Sendable, Hashable, CaseIterable, Codable {
    /// p(τ) = τ / T.
    case curriculum
    /// Always the hard task.
    case direct
    /// Text alone for the first ``twoStageTextShare`` of the batches, then the hard task.
    case twoStage = "two-stage"
    /// Text alone; there is nothing to project.
    case text

    /// The share of the batches that two-stage training spends on text alone.
    public static let twoStageTextShare = 0.4

    /// p(τ) for batch `batch` of `batches`, counted from 0.
    public func hybridProbability(batch: Int, of batches: Int) -> Double {
        let time = Double(batch) / Double(max(1, batches))
        switch self {
        case .curriculum: return min(1, max(0, time))
        case .direct: return 1
        case .twoStage: return time < Self.twoStageTextShare ? 0 : 1
        case .text: return 0
        }
    }

    /// Draws I(τ); the same seed and batch always give the same, so that a resumed run repeats it.
    public func isHybrid(batch: Int, of batches: Int, seed: UInt64) -> Bool {
        var generator = SeededGenerator(seed: seed, parts: ["schedule", String(batch)])
        return generator.unit() < hybridProbability(batch: batch, of: batches)
    }
}
