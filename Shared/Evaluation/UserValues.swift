internal import Domain
internal import GatewayCore
internal import TrainingCore

/// Who puts candidates in order.
enum Ranker: String, CaseIterable {
    case srs, llm, fused

    var title: String {
        switch self {
        case .srs: "SRS alone"
        case .llm: "LLM alone"
        case .fused: "fused"
        }
    }
}

extension ScoredQuestion {
    /// The target's rank by one ranker; nil when it is no candidate, or has no score of the ranker's.
    ///
    /// Where the LLM did not answer, the fused order is the recommender's: that is what is served.
    func rank(by ranker: Ranker, weights: FusionWeights) -> Int? {
        switch ranker {
        case .srs: return RankingMetrics.rank(of: question.target, in: bySRS)
        case .llm:
            guard let llm, let target = question.candidates.firstIndex(of: question.target),
                llm[target] != nil
            else { return nil }
            return RankingMetrics.rank(
                of: question.target,
                in: zip(question.candidates, llm).map {
                    ScoredItem(itemID: $0, score: $1 ?? -.infinity)
                })
        case .fused:
            let scores = question.candidates.indices.map {
                CandidateScores(
                    itemID: question.candidates[$0], llm: llm?[$0], srs: srs[$0])
            }
            return Fusion.rank(scores, weights: weights)
                .firstIndex { $0.itemID == question.target }.map { $0 + 1 }
        }
    }
}

/// One value a user: the mean over the user's questions, as these are not independent.
struct UserValues {
    private(set) var values: [Double] = []

    /// Values in the order in which users appear; a user of whom no question has a value has none.
    init(_ answers: [ScoredQuestion], _ value: (ScoredQuestion) -> Double?) {
        var sums: [(sum: Double, count: Int)] = []
        var places: [String: Int] = [:]
        for answer in answers {
            let place = places[answer.question.userID] ?? sums.count
            places[answer.question.userID] = place
            if place == sums.count { sums.append((0, 0)) }
            guard let value = value(answer) else { continue }
            sums[place] = (sums[place].sum + value, sums[place].count + 1)
        }
        values = sums.filter { $0.count > 0 }.map { $0.sum / Double($0.count) }
    }

    private init(values: [Double]) { self.values = values }

    /// User by user what these have more than others; both are of the same users.
    func minus(_ others: UserValues) -> UserValues {
        precondition(values.count == others.values.count, "the same users")
        return UserValues(values: zip(values, others.values).map { $0 - $1 })
    }

    func interval(seed: UInt64) -> BootstrapInterval? {
        values.isEmpty ? nil : BootstrapInterval(values, seed: seed)
    }
}
