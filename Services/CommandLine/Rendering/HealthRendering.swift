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
                        .object([
                            .init("address", .string("\(report.address)")),
                            .init("status", .string(status(report))),
                            .init("version", .string(report.response?.version ?? "")),
                            .init("reason", .string(reason(report))),
                            .init("milliseconds", .number(Figures.rounded(report.milliseconds, 3))),
                        ])
                    }))
        ])
    }

    /// A table, one replica a row.
    static func text(_ reports: [HealthReport]) -> String {
        var table = TextTable([
            .left("Address"), .left("Status"), .left("Version"), .right("Time (ms)"),
            .left("Reason"),
        ])
        for report in reports {
            table.add([
                "\(report.address)", status(report), report.response?.version ?? "",
                Figures.decimal(report.milliseconds, 1), reason(report),
            ])
        }
        return table.text
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
