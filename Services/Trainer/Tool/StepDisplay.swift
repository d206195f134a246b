import Foundation

/// What a person sees on standard error while steps run: a bar with the time left on a terminal, a
/// plain line now and then otherwise.
final class StepDisplay {
    /// Seconds between two lines where there is no terminal.
    private static let lineSeconds = 20.0

    private let isTerminal: Bool
    private let total: Int
    private let first: Int
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var lastLine: ContinuousClock.Instant?

    init(steps: Int, done: Int) {
        isTerminal = isatty(STDERR_FILENO) != 0
        total = steps
        first = done
        start = clock.now
    }

    func step(_ entry: TrainingLogEntry) {
        let status =
            "step \(entry.step)/\(total)  loss \(Self.format(entry.loss, 3))  "
            + "hybrid \(Self.format(entry.hybridShare, 2))  "
            + "\(Int(entry.tokensPerSecond)) tokens/s  \(remaining(entry.step)) left"
        if isTerminal {
            let filled = 24 * entry.step / max(1, total)
            let bar =
                String(repeating: "#", count: filled)
                + String(repeating: "-", count: 24 - filled)
            write("\r[\(bar)] \(status)\u{1B}[K")
            return
        }
        let now = clock.now
        let isDue =
            lastLine.map { $0.duration(to: now) / .seconds(1) >= Self.lineSeconds } ?? true
        guard isDue || entry.step == total else { return }
        lastLine = now
        write("\(status)\n")
    }

    /// Writes one line, above the bar.
    func line(_ text: String) { write(isTerminal ? "\r\u{1B}[K\(text)\n" : "\(text)\n") }

    private func remaining(_ step: Int) -> String {
        guard step > first else { return "?" }
        let elapsed = start.duration(to: clock.now) / .seconds(1)
        let seconds = Int(elapsed / Double(step - first) * Double(total - step))
        if seconds < 90 { return "\(seconds) s" }
        return seconds < 5_400
            ? "\((seconds + 30) / 60) min" : "\(Self.format(Double(seconds) / 3_600, 1)) h"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    static func format(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
