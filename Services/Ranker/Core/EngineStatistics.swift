/// What an engine has done since it was made, and holds now.
public struct EngineStatistics: Sendable, Hashable {
    /// Requests that were started.
    public var startedRequests = 0
    /// Of those, requests whose prompt began like a kept one.
    public var requestsWithReuse = 0
    /// Requests that were refused because too much waited.
    public var refusedRequests = 0
    /// Requests that were cancelled or whose deadline passed, waiting or running.
    public var stoppedRequests = 0
    /// Positions of the started requests' prompts.
    public var promptTokens = 0
    /// Of those, positions that were not evaluated again.
    public var reusedTokens = 0
    /// Positions that were evaluated, of prompts, tries and generations.
    public var evaluatedTokens = 0
    /// Steps of the engine.
    public var steps = 0
    /// Steps that were aborted.
    public var abortedSteps = 0
    /// Requests that run now.
    public var runningRequests = 0
    /// Requests that wait now.
    public var waitingRequests = 0
    /// Their tokens.
    public var waitingTokens = 0
    /// Prompts that are kept now.
    public var keptPrompts = 0
    /// Their positions.
    public var keptTokens = 0

    /// Nothing done.
    public init() {}

    /// Share of the prompts' positions that were not evaluated again; 0 before the first.
    public var hitRate: Double {
        promptTokens == 0 ? 0 : Double(reusedTokens) / Double(promptTokens)
    }
}
