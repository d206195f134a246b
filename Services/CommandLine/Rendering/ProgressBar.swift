/// A line that says how far a long work is; silent for the first two seconds.
struct ProgressBar {
    /// Shorter work needs no bar.
    static let silence = Duration.seconds(2)
    private static let width = 20

    let label: String
    /// All of the work, in bytes or rows; nil is unknown.
    let total: Int?

    /// The line after `done` of the total and so many rows, nil while it is too early: share, rows,
    /// rows a second, time left.
    func line(done: Int, rows: Int, elapsed: Duration) -> String? {
        guard elapsed >= Self.silence, total != 0 else { return nil }
        let rate = Figures.decimal(Double(rows) / (elapsed / .seconds(1)), 0)
        let speed = "\(rows) rows, \(rate) rows/s"
        guard let total else { return "\(label) \(speed)" }
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * Double(Self.width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: Self.width - filled)
        return "\(label) [\(bar)] \(Figures.decimal(share * 100, 0)) %, \(speed), "
            + (done >= total ? "done" : remaining(share, elapsed))
    }

    private func remaining(_ share: Double, _ elapsed: Duration) -> String {
        guard share > 0 else { return "time left unknown" }
        return "\(Figures.duration(elapsed * ((1 - share) / share))) left"
    }
}
