/// How one deadline is split over the stages of a Recommend call.
public struct DeadlineBudget: Sendable, Equatable {
    /// Kept back at the end for fusing and answering.
    public static let answerReserve = Duration.milliseconds(30)
    /// Greatest share of what remains that the encoder or the projector may use.
    public static let smallStageShare = 0.4

    private let remaining: Duration

    /// A budget over what remains of the call's time.
    public init(remaining: Duration) {
        self.remaining = max(.zero, remaining - Self.answerReserve)
    }

    /// Time for one call to the encoder or projector.
    public var smallStage: Duration { remaining * Self.smallStageShare }

    /// Time for the ranker: all that is left, since nothing comes after it but the answer.
    public var ranker: Duration { remaining }
}
