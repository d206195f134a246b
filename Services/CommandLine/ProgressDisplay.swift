/// Shows a progress bar on standard error: redrawn for a person, one line every 5 s for a log.
final class ProgressDisplay {
    private let bar: ProgressBar
    private let hasWatcher: Bool
    private let start: ContinuousClock.Instant
    private var lastShown: ContinuousClock.Instant?

    /// Starts the clock; the total is in the unit of ``update(_:rows:)``, nil where it is unknown.
    init(_ label: String, total: Int?) {
        bar = ProgressBar(label: label, total: total)
        hasWatcher = Console.hasWatcher
        start = .now
    }

    /// Shows the bar if it is time.
    func update(_ done: Int, rows: Int) {
        let now = ContinuousClock.now
        let pause = hasWatcher ? Duration.milliseconds(100) : .seconds(5)
        if let lastShown, lastShown.duration(to: now) < pause { return }
        let elapsed = start.duration(to: now)
        guard let line = bar.line(done: done, rows: rows, elapsed: elapsed) else { return }
        lastShown = now
        // A line that wraps cannot be drawn over.
        let width = Console.errorTerminal.columns ?? .max
        Console.notice(
            hasWatcher ? "\r\(DisplayText.cut(line, to: width - 1))\u{1B}[K" : line + "\n")
    }

    /// Takes the bar away; how long the work took.
    func finish() -> Duration {
        if hasWatcher && lastShown != nil { Console.notice("\r\u{1B}[K") }
        return start.duration(to: .now)
    }
}
