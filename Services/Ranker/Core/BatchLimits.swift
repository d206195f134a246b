/// The sizes by which requests share the engine.
public struct BatchLimits: Sendable, Hashable {
    /// Sequences of the cache.
    public var sequences: Int
    /// Positions that the cache holds.
    public var cells: Int
    /// Requests that run at once.
    public var runningRequests: Int
    /// Positions of a step that one request has for itself; it can be aborted.
    public var soloStepTokens: Int
    /// Positions of a step that several requests share; it is mostly finished.
    public var sharedStepTokens: Int
    /// Tokens of requests that may wait.
    public var waitingTokens: Int
    /// Requests that may wait.
    public var waitingRequests: Int
    /// Prompts that are kept for later requests.
    public var keptPrompts: Int
    /// Positions of those prompts together.
    public var keptTokens: Int

    /// Makes limits.
    public init(
        sequences: Int, cells: Int, runningRequests: Int, soloStepTokens: Int,
        sharedStepTokens: Int, waitingTokens: Int, waitingRequests: Int, keptPrompts: Int,
        keptTokens: Int
    ) {
        precondition(
            sharedStepTokens >= runningRequests && runningRequests > 0,
            "a shared step has a position for each request")
        self.sequences = sequences
        self.cells = cells
        self.runningRequests = runningRequests
        self.soloStepTokens = soloStepTokens
        self.sharedStepTokens = sharedStepTokens
        self.waitingTokens = waitingTokens
        self.waitingRequests = waitingRequests
        self.keptPrompts = keptPrompts
        self.keptTokens = keptTokens
    }

    /// Cells that running requests may need together: the rest lets some time pass between two
    /// clearings.
    var sharedCells: Int { cells / 4 * 3 }

    /// Buried cells from which on it pays to clear, if they are more than those that live:
    /// attention walks past each of them, and what lives is copied out and in again.
    var buriedCells: Int { cells / 16 }

    /// Positions that each running request has in a shared step at least.
    ///
    /// All of these together are an eighth of the step: the rest goes to who is nearest to its end.
    /// With even shares all would end together, and under overload all after their deadlines.
    /// Every ``stepsToTurn``-th step of a request it goes to that one, if none has run longer.
    var guaranteedTokens: Int { max(1, sharedStepTokens / (8 * runningRequests)) }

    /// Steps of the request that has run longest, the last of which is its own as far as the others'
    /// guaranteed parts leave: a long prompt has an eighth of the engine beside any number of short
    /// ones.
    static let stepsToTurn = 8
}
