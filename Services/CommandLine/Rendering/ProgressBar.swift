/// A line that says how far a long work is; silent for the first two seconds.
struct ProgressBar {
    /// Shorter work needs no bar.
    static let silence = Duration.seconds(2)
    private static let width = 30

    let label: String
    let total: Int

    /// The line after `done` of the total, nil while it is too early; ends with the time left.
    func line(done: Int, elapsed: Duration) -> String? {
        guard elapsed >= Self.silence, total > 0 else { return nil }
        let share = min(1, Double(done) / Double(total))
        let filled = Int(share * Double(Self.width))
        let bar =
            String(repeating: "#", count: filled)
            + String(repeating: ".", count: Self.width - filled)
        let percent = Figures.decimal(share * 100, 0)
        return "\(label) [\(bar)] \(percent) % (\(done) of \(total)), "
            + (done >= total ? "done" : remaining(share, elapsed))
    }

    private func remaining(_ share: Double, _ elapsed: Duration) -> String {
        guard share > 0 else { return "time left unknown" }
        let left = elapsed * ((1 - share) / share)
        return "\(Figures.duration(left)) left"
    }
}
