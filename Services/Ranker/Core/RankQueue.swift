/// Who waits for the engine, and who is refused: first come, first served, bounded by tokens
/// and by requests.
///
/// Tokens are what compute costs; a bound on requests alone would let a few long prompts hold
/// everybody up for minutes. Requests are what memory costs beside their tokens.
public struct RankQueue<ID: Hashable & Sendable>: Sendable {
    /// What becomes of a request.
    public enum Admission: Sendable, Equatable {
        /// It waits until ``takeFirst()``.
        case accepted
        /// The queue holds so much already; the caller should go to another replica.
        case refused(waitingCount: Int, waitingTokens: Int)
        /// The engine is shutting down.
        case closed
    }

    private struct Waiter {
        let id: ID
        let tokens: Int
    }

    /// Tokens that may wait at most, beside requests that run.
    public let maximumWaitingTokens: Int
    /// Requests that may wait at most.
    public let maximumWaiters: Int
    /// Tokens that wait.
    public private(set) var waitingTokens = 0
    private var waiters: [Waiter] = []
    private var isClosed = false

    /// An empty queue.
    public init(maximumWaitingTokens: Int, maximumWaiters: Int) {
        self.maximumWaitingTokens = maximumWaitingTokens
        self.maximumWaiters = maximumWaiters
    }

    /// Requests that wait.
    public var waitingCount: Int { waiters.count }

    /// Who has waited longest.
    public var first: ID? { waiters.first?.id }

    /// What would become of a request of `tokens` now.
    ///
    /// One that is larger than the whole bound is taken when nobody else waits, as it could never
    /// run otherwise.
    public func admission(tokens: Int) -> Admission {
        guard !isClosed else { return .closed }
        let hasRoom =
            waiters.isEmpty
            || waiters.count < maximumWaiters && waitingTokens + tokens <= maximumWaitingTokens
        return hasRoom
            ? .accepted : .refused(waitingCount: waiters.count, waitingTokens: waitingTokens)
    }

    /// Takes a request of `tokens`, or refuses it, as ``admission(tokens:)`` says.
    public mutating func submit(_ id: ID, tokens: Int) -> Admission {
        let admission = admission(tokens: tokens)
        guard admission == .accepted else { return admission }
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
