import RPC
import Wire

/// What one replica said about itself, or why it said nothing.
struct HealthReport: Sendable, Equatable {
    let address: RPCAddress
    var response: HealthCheckResponse?
    var problem = ""
    var milliseconds = 0.0

    var isServing: Bool { response?.status == .serving }
}

/// Health of replicas for people and for programs.
enum HealthRendering {
    /// `{replicas: [{address, status, version, reason, milliseconds}]}`; the status of a replica
    /// that does not answer is `unreachable`.
    static func json(_ reports: [HealthReport]) -> JSONValue {
        .object([
            .init(
                "replicas",
                .array(
                    reports.map { report in
                        let milliseconds = Figures.rounded(report.milliseconds, 3)
                        return .object(
                            members(report) + [.init("milliseconds", .number(milliseconds))])
                    }))
        ])
    }

    /// A change: `{time_seconds, address, status, version, reason}`.
    static func json(_ report: HealthReport, time: Int64) -> JSONValue {
        .object([.init("time_seconds", .integer(time))] + members(report))
    }

    private static func members(_ report: HealthReport) -> [JSONValue.Member] {
        [
            .init("address", .string("\(report.address)")),
            .init("status", .string(status(report))),
            .init("version", .string(report.response?.version ?? "")),
            .init("reason", .string(reason(report))),
        ]
    }

    /// A table, one replica a row.
    static func text(_ reports: [HealthReport], in terminal: Terminal = .none) -> String {
        var table = TextTable([
            .left("Address"), .left("Status"), .left("Version"), .right("Time (ms)"),
            .left("Reason", shrinks: true),
        ])
        for report in reports {
            table.add([
                "\(report.address)", status(report), report.response?.version ?? "",
                Figures.decimal(report.milliseconds, 1), reason(report),
            ])
        }
        return table.text(in: terminal)
    }

    /// A change in one line, its time in UTC first.
    static func line(_ report: HealthReport, time: Int64, in terminal: Terminal = .none) -> String {
        let status = status(report)
        let parts = [
            Figures.clock(time), "\(report.address)",
            report.isServing ? status : terminal.styled(status, .yellow),
            DisplayText.line(reason(report)),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "  ")
    }

    private static func status(_ report: HealthReport) -> String {
        switch report.response?.status {
        case .serving: "serving"
        case .notServing: "not_serving"
        case .unknown: "unknown"
        case nil: "unreachable"
        }
    }

    private static func reason(_ report: HealthReport) -> String {
        report.response?.reason ?? report.problem
    }
}
