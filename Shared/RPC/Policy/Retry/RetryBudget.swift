/// The retries and hedges that all calls of one client may still make.
///
/// The shell calls ``callStarted(now:)`` once for each call; retries and hedges withdraw.
struct RetryBudget {
    /// A call's deposit is a percentage, so that a retry costs 100.
    private static let costOfRetry = 100

    private let deposit: Int
    private let reserve: Int
    /// Deposits less withdrawals; both are forgotten after the time to live.
    private var window: SlidingWindow<Int>

    init(_ configuration: RetryBudgetConfiguration) {
        deposit = max(0, configuration.percent)
        let seconds = max(1, configuration.timeToLive.inSeconds)
        reserve = Int(Double(max(0, configuration.minimumPerSecond)) * seconds) * Self.costOfRetry
        window = SlidingWindow(length: .seconds(seconds))
    }

    /// A call's first attempt is made.
    mutating func callStarted(now: ContinuousClock.Instant) { window.add(deposit, now: now) }

    /// Takes the price of one retry or hedge; false if there is too little, and none may be made.
    mutating func withdraw(now: ContinuousClock.Instant) -> Bool {
        guard reserve + window.total(now: now) >= Self.costOfRetry else { return false }
        window.add(-Self.costOfRetry, now: now)
        return true
    }

    /// Retries and hedges that could be made at `now`.
    mutating func available(now: ContinuousClock.Instant) -> Int {
        max(0, reserve + window.total(now: now)) / Self.costOfRetry
    }
}
