/// Who waits for the engine, and who is refused: first come, first served, bounded by tokens.
///
/// Tokens are what compute costs; a bound on requests would let a few long prompts hold everybody
/// up for minutes.
public struct RankQueue<ID: Hashable & Sendable>: Sendable {
    /// What becomes of a request.
    public enum Admission: Sendable, Equatable {
        /// It waits, or starts with the next ``takeNext()``.
        case accepted
        /// The queue holds so many tokens already; the caller should go to another replica.
        case refused(waitingTokens: Int)
        /// The engine is shutting down.
        case closed
    }

    private struct Waiter {
        let id: ID
        let tokens: Int
    }

    /// Tokens that may wait at most, beyond the request that runs.
    public let maximumWaitingTokens: Int
    /// Tokens that wait.
    public private(set) var waitingTokens = 0
    /// The request that the engine works on.
    public private(set) var running: ID?
    private var waiters: [Waiter] = []
    private var isClosed = false

    /// An empty queue.
    public init(maximumWaitingTokens: Int) { self.maximumWaitingTokens = maximumWaitingTokens }

    /// Requests that wait.
    public var waitingCount: Int { waiters.count }

    /// Whether nothing runs or waits.
    public var isIdle: Bool { running == nil && waiters.isEmpty }

    /// Takes a request of `tokens`, or refuses it.
    ///
    /// One that is larger than the whole bound is taken when nobody else waits, as it could never
    /// run otherwise.
    public mutating func submit(_ id: ID, tokens: Int) -> Admission {
        guard !isClosed else { return .closed }
        guard waiters.isEmpty || waitingTokens + tokens <= maximumWaitingTokens else {
            return .refused(waitingTokens: waitingTokens)
        }
        waiters.append(Waiter(id: id, tokens: tokens))
        waitingTokens += tokens
        return .accepted
    }

    /// The engine is free: the request to work on, if one waits.
    public mutating func takeNext() -> ID? {
        precondition(running == nil, "one request runs at a time")
        guard !waiters.isEmpty else { return nil }
        let waiter = waiters.removeFirst()
        waitingTokens -= waiter.tokens
        running = waiter.id
        return waiter.id
    }

    /// A request gives up.
    ///
    /// - Returns: True if it waited and is gone; false if it runs (and must be aborted) or is
    ///   over.
    public mutating func leave(_ id: ID) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
        waitingTokens -= waiters.remove(at: index).tokens
        return true
    }

    /// The request that ran is over.
    public mutating func finish() { running = nil }

    /// No request is taken any more; gives those that waited.
    public mutating func close() -> [ID] {
        isClosed = true
        defer {
            waiters = []
            waitingTokens = 0
        }
        return waiters.map(\.id)
    }
}
