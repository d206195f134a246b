import RPC
import Wire

/// What came of calls that were made again.
enum ReplayRendering {
    /// `{calls, changed, delayed, seconds, median_ms, p99_ms, recorded_median_ms, recorded_p99_ms,
    /// statuses: [{recorded, replayed, calls}]}`.
    static func json(_ report: ReplayReport) -> JSONValue {
        func milliseconds(_ duration: Duration) -> JSONValue {
            .number(Figures.rounded(duration / .milliseconds(1), 3))
        }
        return .object([
            .init("calls", .integer(Int64(report.calls))),
            .init("changed", .integer(Int64(report.changed))),
            .init("delayed", .integer(Int64(report.delayed))),
            .init("seconds", .number(Figures.rounded(report.elapsed / .seconds(1), 3))),
            .init("median_ms", milliseconds(report.latency.median)),
            .init("p99_ms", milliseconds(report.latency.percentile99)),
            .init("recorded_median_ms", milliseconds(report.recordedLatency.median)),
            .init("recorded_p99_ms", milliseconds(report.recordedLatency.percentile99)),
            .init(
                "statuses",
                .array(
                    outcomes(report).map { outcome, calls in
                        .object([
                            .init("recorded", .string(outcome.recorded.name)),
                            .init("replayed", .string(outcome.replayed.name)),
                            .init("calls", .integer(Int64(calls))),
                        ])
                    })),
        ])
    }

    /// Latencies beside those recorded, then the statuses.
    static func text(_ report: ReplayReport, in terminal: Terminal = .none) -> String {
        func milliseconds(_ duration: Duration) -> String {
            Figures.decimal(duration / .milliseconds(1), 1)
        }
        var latencies = TextTable([
            .left(""), .right("Median (ms)"), .right("99th percentile (ms)"),
        ])
        for (name, latency) in [
            ("recorded", report.recordedLatency), ("replayed", report.latency),
        ] {
            latencies.add([name, milliseconds(latency.median), milliseconds(latency.percentile99)])
        }
        var statuses = TextTable([.left("Recorded"), .left("Replayed"), .right("Calls")])
        for (outcome, calls) in outcomes(report) {
            statuses.add([outcome.recorded.name, outcome.replayed.name, "\(calls)"])
        }
        let head =
            "\(report.calls) calls in \(Figures.decimal(report.elapsed / .seconds(1), 1)) s, "
            + "\(report.changed) with another status, \(report.delayed) later than recorded"
        return [head, latencies.text(in: terminal), statuses.text(in: terminal)]
            .joined(separator: "\n\n")
    }

    private static func outcomes(
        _ report: ReplayReport
    ) -> [(outcome: ReplayReport.Outcome, calls: Int)] {
        report.outcomes.map { ($0.key, $0.value) }.sorted { one, other in
            (-one.1, one.0.recorded.name, one.0.replayed.name)
                < (-other.1, other.0.recorded.name, other.0.replayed.name)
        }
    }
}
