import Foundation

/// What a person sees on standard error during a long work: a bar with the time left on a terminal, a
/// plain line now and then otherwise.
final class ProgressDisplay {
    /// Seconds between two lines where there is no terminal, and between two bars where there is.
    private static let lineSeconds = 10.0
    private static let barSeconds = 0.2
    private static let width = 24

    private let isTerminal: Bool
    private let total: Double
    private let first: Double
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastShown: ContinuousClock.Instant?

    /// Starts the clock.
    ///
    /// - Parameters:
    ///   - total: all of the work, in any unit.
    ///   - done: how much an earlier run did, of which the time left must not be reckoned.
    init(total: Int, done: Int = 0) {
        isTerminal = isatty(STDERR_FILENO) != 0
        self.total = Double(total)
        first = Double(done)
        start = clock.now
    }

    /// Shows how far it is, if it is time or all is done.
    func update(_ done: Double, _ status: String) {
        let now = clock.now
        let pause = isTerminal ? Self.barSeconds : Self.lineSeconds
        let isDue = (lastShown ?? start).duration(to: now) / .seconds(1) >= pause
        guard isDue || done >= total else { return }
        lastShown = now
        let elapsed = start.duration(to: now) / .seconds(1)
        let line = "\(status)  \(Self.remaining(done, first, total, elapsedSeconds: elapsed)) left"
        write(isTerminal ? "\r\(Self.bar(done / max(total, 1))) \(line)\u{1B}[K" : "\(line)\n")
    }

    /// Writes one line, above the bar.
    func line(_ text: String) { write(isTerminal ? "\r\u{1B}[K\(text)\n" : "\(text)\n") }

    /// Takes the bar away.
    func finish() { if isTerminal { write("\r\u{1B}[K") } }

    /// `[####----]` of a share from 0 to 1.
    static func bar(_ share: Double) -> String {
        let filled = Int(min(1, max(0, share)) * Double(width))
        return "[" + String(repeating: "#", count: filled)
            + String(repeating: "-", count: width - filled) + "]"
    }

    /// How long `total - done` will take if it goes on as since `first`: `5 s`, `3 min`, `2.5 h`.
    static func remaining(
        _ done: Double, _ first: Double, _ total: Double, elapsedSeconds: Double
    ) -> String {
        guard done > first else { return "?" }
        let seconds = Int(elapsedSeconds / (done - first) * max(0, total - done))
        if seconds < 90 { return "\(seconds) s" }
        return seconds < 5_400
            ? "\((seconds + 30) / 60) min" : "\(format(Double(seconds) / 3_600, 1)) h"
    }

    static func format(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
