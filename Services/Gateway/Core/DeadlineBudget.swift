/// A part of a Recommend call that waits for somebody else.
public enum CallStage: String, Sendable, CaseIterable {
    /// The user's sequence and the active release, from the database.
    case sequence
    /// Ids by the recommender's order or scores of given ones, from the encoder.
    case encoder
    /// Which of them may be answered, from the database.
    case catalog
    /// The last rung's candidates, from the database.
    case popularity
    /// Item rows that the cache of behavioural tokens lacks, from the encoder.
    case itemRows = "item_rows"
    /// The state after the user's sequence, from the encoder, where the prompt holds it.
    case userState = "user_state"
    /// The vectors of the prompt, from the projector.
    case projector
    /// The LLM's scores, from the ranker.
    case ranker
}

/// How one deadline is split over the stages of a Recommend call.
///
/// A stage gets a share of what is left when it starts, so what a stage leaves goes to those after
/// it, and a stage that uses its whole share leaves time for the rung below.
public struct DeadlineBudget: Sendable, Equatable {
    /// Bounds of what is kept back for fusing, answering and the way back: a twentieth of the time.
    public static let answerReserveBounds = Duration.milliseconds(10)...Duration.milliseconds(100)
    /// No call starts with less than this: it would end without a result.
    public static let minimumCall = Duration.milliseconds(2)
    /// The same for the ranker, which keeps 30 ms back to hand over what it reached.
    public static let minimumRanking = Duration.milliseconds(50)

    /// Share of the whole time after which no more candidates are looked for: what was found is
    /// worth more ranked than a longer list without time for it.
    public static let refillShare = 0.5

    /// Time kept back at the end of the call.
    public let answerReserve: Duration
    private let total: Duration

    /// The budget of a call that had `total` left when it arrived.
    public init(total: Duration) {
        self.total = total
        let bounds = Self.answerReserveBounds
        answerReserve = min(max(total / 20, bounds.lowerBound), bounds.upperBound)
    }

    /// Time that `stage` may take when `remaining` is left of the call; nil when too little is
    /// left for it to end with a result.
    public func allowance(of stage: CallStage, remaining: Duration) -> Duration? {
        let time = (remaining - answerReserve) * Self.share(of: stage)
        let minimum = stage == .ranker ? Self.minimumRanking : Self.minimumCall
        return time >= minimum ? time : nil
    }

    /// Whether another page of candidates may be asked for.
    public func allowsRefill(remaining: Duration) -> Bool {
        remaining > total * (1 - Self.refillShare)
    }

    /// The share of what is left.
    ///
    /// Nothing can be answered without a sequence and the catalog, and
    /// nothing follows the ranking and the last rung; the others have a rung below them.
    private static func share(of stage: CallStage) -> Double {
        switch stage {
        case .sequence, .catalog: 0.9
        case .encoder, .itemRows, .userState, .projector: 0.5
        case .popularity, .ranker: 1
        }
    }
}
