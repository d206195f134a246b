/// Numbers and times as people read them.
enum Figures {
    /// A number with so many digits after the point.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        let whole = Int64(scaled / scale)
        let fraction = Int64(scaled) - whole * Int64(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let padded = String(fraction)
        return sign + String(whole) + "."
            + String(repeating: "0", count: digits - padded.count) + padded
    }

    /// Rounded to so many digits, still a number.
    static func rounded(_ value: Double, _ digits: Int) -> Double {
        Double(decimal(value, digits)) ?? value
    }

    /// Unix time as `1997-12-07 10:15` in UTC; 0 is unknown.
    ///
    /// Days to a date: Howard Hinnant, "chrono-compatible low-level date algorithms".
    static func time(_ seconds: Int64) -> String {
        guard seconds != 0, abs(seconds) < 1 << 40 else { return "-" }
        var days = seconds / 86_400
        var second = seconds % 86_400
        if second < 0 {
            second += 86_400
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return "\(year)-\(two(civilMonth))-\(two(day)) \(two(second / 3_600)):"
            + two(second / 60 % 60)
    }

    /// The time of day as `10:15:59` in UTC.
    static func clock(_ seconds: Int64) -> String {
        let second = (seconds % 86_400 + 86_400) % 86_400
        return [second / 3_600, second / 60 % 60, second % 60].map(two).joined(separator: ":")
    }

    /// A length of time: `4 s`, `2 min 5 s`.
    static func duration(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
