import Foundation

/// What a person sees on standard error while training runs: a bar with the time left on a terminal,
/// one plain line an epoch otherwise.
final class ProgressDisplay {
    private let isTerminal: Bool
    private let total: Int
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let firstEpoch: Int

    init(epochs: Int, firstEpoch: Int) {
        isTerminal = isatty(STDERR_FILENO) != 0
        total = epochs
        self.firstEpoch = firstEpoch
        start = clock.now
    }

    /// Redraws the bar of the running epoch; silent without a terminal.
    func batch(_ done: Int, of count: Int, epoch: Int) {
        guard isTerminal else { return }
        let share = (Double(epoch - 1) + Double(done) / Double(max(1, count))) / Double(total)
        let width = 30
        let filled = Int(share * Double(width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: "-", count: width - filled)
        write("\r[\(bar)] epoch \(epoch)/\(total)  at most \(remaining(share)) left\u{1B}[K")
    }

    /// Writes what an epoch gave.
    func epoch(_ progress: SequentialTraining.Progress) {
        let share = Double(progress.epoch) / Double(total)
        let line =
            "epoch \(progress.epoch)/\(total)  loss \(Self.format(progress.loss, 4))  "
            + "validation \(Self.format(progress.validation, 4))  "
            + "best \(Self.format(progress.best, 4)) at \(progress.bestEpoch)  "
            + "at most \(remaining(share)) left"
        write(isTerminal ? "\r\u{1B}[K\(line)\n" : "\(line)\n")
    }

    /// Writes one line.
    func line(_ text: String) { write("\(text)\n") }

    private func remaining(_ share: Double) -> String {
        let before = Double(firstEpoch - 1) / Double(total)
        let done = share - before
        guard done > 0 else { return "?" }
        let elapsed = start.duration(to: clock.now) / .seconds(1)
        let seconds = Int(elapsed / done * (1 - share))
        return seconds < 90 ? "\(seconds) s" : "\((seconds + 30) / 60) min"
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    static func format(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
