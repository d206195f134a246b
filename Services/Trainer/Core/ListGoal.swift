internal import Domain

/// What the likelihoods of a list's candidates are trained towards: shares that sum to 1.
public enum ListGoal {
    /// All on the item that followed.
    public static func target(_ target: Int, of count: Int) -> [Double] {
        (0..<count).map { $0 == target ? 1 : 0 }
    }

    /// A teacher's softmax over the candidates with `weight`, the item that followed with the rest
    /// (Hinton et al., 2015, with temperature 1).
    public static func distilled(
        _ scores: [Double], target: Int, weight: Double
    ) -> [Double] {
        let greatest = scores.max() ?? 0
        let powers = scores.map { exponential($0 - greatest) }
        let sum = powers.reduce(0, +)
        return zip(powers, self.target(target, of: scores.count)).map { power, hard in
            weight * power / sum + (1 - weight) * hard
        }
    }
}
