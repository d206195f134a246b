/// Who waits for the engine, and who is refused: first come, first served, bounded by tokens.
///
/// Tokens are what compute costs; a bound on requests would let a few long prompts hold everybody
/// up for minutes.
public struct RankQueue<ID: Hashable & Sendable>: Sendable {
    /// What becomes of a request.
    public enum Admission: Sendable, Equatable {
        /// It waits until ``takeFirst()``.
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

    /// Tokens that may wait at most, beside requests that run.
    public let maximumWaitingTokens: Int
    /// Tokens that wait.
    public private(set) var waitingTokens = 0
    private var waiters: [Waiter] = []
    private var isClosed = false

    /// An empty queue.
    public init(maximumWaitingTokens: Int) { self.maximumWaitingTokens = maximumWaitingTokens }

    /// Requests that wait.
    public var waitingCount: Int { waiters.count }

    /// Who has waited longest.
    public var first: ID? { waiters.first?.id }

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

    /// Who has waited longest waits no more.
    public mutating func takeFirst() -> ID? {
        guard let id = first else { return nil }
        waitingTokens -= waiters.removeFirst().tokens
        return id
    }

    /// A request gives up.
    ///
    /// - Returns: True if it waited and is gone.
    public mutating func leave(_ id: ID) -> Bool {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return false }
        waitingTokens -= waiters.remove(at: index).tokens
        return true
    }

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
