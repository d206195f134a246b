internal import Domain

/// Weights of two rankers' scores, fitted to what was chosen among candidates.
///
/// A multinomial logit (McFadden, 1974): the chance of a candidate is the softmax of
/// `llm * its log-likelihood + srs * its score`, and the mean negative log-chance of the targets is
/// least. That is convex; the least with weights of at least 0 is found by Newton's method inside,
/// or on one of the two edges.
public struct FusionFit: Sendable, Equatable {
    /// What one target was chosen from.
    public struct Choice: Sendable {
        /// The LLM's log-likelihood of each candidate.
        public let llm: [Double]
        /// The recommender's score of each.
        public let srs: [Double]
        /// The place of the target.
        public let target: Int

        /// Makes a choice; both lists have a score for each candidate.
        public init(llm: [Double], srs: [Double], target: Int) {
            precondition(
                llm.count == srs.count && llm.indices.contains(target), "scores of each candidate")
            self.llm = llm
            self.srs = srs
            self.target = target
        }
    }

    /// Greatest weight: where a ranker is always right, ever greater ones fit ever better.
    public static let maximumWeight = 100.0
    private static let maximumSteps = 100
    private static let tolerance = 1e-10

    /// Weight of the LLM's log-likelihoods.
    public let llm: Double
    /// Weight of the recommender's scores.
    public let srs: Double
    /// Mean negative log-chance of the targets, nats.
    public let loss: Double

    /// Fits; what the choices say nothing of stays near 1.
    public init(_ choices: [Choice]) {
        let inside = Self.least(choices, [1, 1], isFree: [true, true])
        let solutions =
            inside.allSatisfy { $0 >= 0 }
            ? [inside]
            : [
                Self.least(choices, [0, 1], isFree: [false, true]),
                Self.least(choices, [1, 0], isFree: [true, false]),
            ].map { $0.map { max(0, $0) } }
        let losses = solutions.map { Self.loss(choices, $0) }
        let best = losses.indices.min { losses[$0] < losses[$1] } ?? 0
        (llm, srs, loss) = (solutions[best][0], solutions[best][1], losses[best])
    }

    /// The mean negative log-chance of the targets under given weights.
    public static func loss(_ choices: [Choice], llm: Double, srs: Double) -> Double {
        loss(choices, [llm, srs])
    }

    private static func loss(_ choices: [Choice], _ weights: [Double]) -> Double {
        slopes(choices, weights).loss
    }

    /// Newton's method with halved steps, the fixed weights left where they start.
    private static func least(
        _ choices: [Choice], _ start: [Double], isFree: [Bool]
    ) -> [Double] {
        var weights = start
        var here = slopes(choices, weights)
        for _ in 0..<maximumSteps {
            var (a, b, c) = here.curvature
            var (first, second) = (here.gradient.0, here.gradient.1)
            if !isFree[0] { (a, b, first) = (1, 0, 0) }
            if !isFree[1] { (c, b, second) = (1, 0, 0) }
            // A touch of ridge: where one ranker says nothing, its direction has no curvature.
            (a, c) = (a + 1e-9, c + 1e-9)
            let determinant = a * c - b * b
            guard determinant > 0 else { break }
            let step = [
                -(c * first - b * second) / determinant, -(a * second - b * first) / determinant,
            ]
            var length = 1.0
            var moved = false
            while length > 1e-6 {
                let next = zip(weights, step).map {
                    min(maximumWeight, max(-maximumWeight, $0 + length * $1))
                }
                let there = slopes(choices, next)
                if there.loss < here.loss - tolerance {
                    (weights, here, moved) = (next, there, true)
                    break
                }
                length /= 2
            }
            guard moved else { break }
        }
        return weights
    }

    private struct Slopes {
        var loss = 0.0
        var gradient = (0.0, 0.0)
        /// Second derivatives: llm twice, both, srs twice.
        var curvature = (0.0, 0.0, 0.0)
    }

    private static func slopes(_ choices: [Choice], _ weights: [Double]) -> Slopes {
        var sum = Slopes()
        for choice in choices {
            let scores = zip(choice.llm, choice.srs).map { weights[0] * $0 + weights[1] * $1 }
            let largest = scores.max() ?? 0
            let chances = scores.map { exponential($0 - largest) }
            let total = chances.reduce(0, +)
            sum.loss += largest + logarithm(total) - scores[choice.target]
            var means = (0.0, 0.0)
            var squares = (0.0, 0.0, 0.0)
            for (place, chance) in chances.enumerated() {
                let (share, llm, srs) = (chance / total, choice.llm[place], choice.srs[place])
                means = (means.0 + share * llm, means.1 + share * srs)
                squares.0 += share * llm * llm
                squares.1 += share * llm * srs
                squares.2 += share * srs * srs
            }
            sum.gradient.0 += means.0 - choice.llm[choice.target]
            sum.gradient.1 += means.1 - choice.srs[choice.target]
            sum.curvature.0 += squares.0 - means.0 * means.0
            sum.curvature.1 += squares.1 - means.0 * means.1
            sum.curvature.2 += squares.2 - means.1 * means.1
        }
        let count = Double(max(1, choices.count))
        return Slopes(
            loss: sum.loss / count, gradient: (sum.gradient.0 / count, sum.gradient.1 / count),
            curvature: (
                sum.curvature.0 / count, sum.curvature.1 / count, sum.curvature.2 / count
            ))
    }
}
