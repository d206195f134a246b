import Foundation

/// Tells on standard error how far a measurement is, once it takes longer than two seconds.
///
/// On a terminal one line is rewritten; elsewhere there is a line every ten seconds.
public final class MeasurementProgress {
    private let write: (String) -> Void
    private let isTerminal: Bool
    private let now: () -> Double
    private var started: [String: Double] = [:]
    private var lastShown = -Double.infinity
    private var isLineOpen = false

    /// To standard error; silent where `isQuiet`.
    public convenience init(isQuiet: Bool = false) {
        self.init(
            isTerminal: isatty(STDERR_FILENO) == 1,
            now: { ProcessInfo.processInfo.systemUptime },
            write: { text in
                if !isQuiet { FileHandle.standardError.write(Data(text.utf8)) }
            })
    }

    /// - Parameter now: seconds on a clock that does not go back.
    public init(
        isTerminal: Bool, now: @escaping () -> Double, write: @escaping (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.now = now
        self.write = write
    }

    /// Says that `finished` of `total` parts of `title` are done.
    public func show(_ title: String, finished: Int, of total: Int) {
        let time = now()
        let begin = started[title, default: time]
        started[title] = begin
        let elapsed = time - begin
        guard elapsed > 2, time - lastShown >= (isTerminal ? 0.2 : 10) else { return }
        lastShown = time
        var line = "\(title): \(finished) of \(total), \(seconds(elapsed))"
        if finished > 0 {
            let left = elapsed / Double(finished) * Double(total - finished)
            line += ", about \(seconds(left)) left"
        }
        write(isTerminal ? "\r\u{1B}[K\(line)" : line + "\n")
        isLineOpen = isTerminal
    }

    /// Removes the line that is rewritten.
    public func end() {
        if isLineOpen { write("\r\u{1B}[K") }
        isLineOpen = false
        started = [:]
    }

    private func seconds(_ value: Double) -> String {
        let whole = Int(value.rounded())
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
    }
}
