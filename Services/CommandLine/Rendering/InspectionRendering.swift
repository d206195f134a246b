import Wire

/// What a service does at this moment, and its methods, for people.
enum InspectionRendering {
    /// Most rows that a table may have.
    static let maximumRows = 1_000

    /// A line on the service, then tables of what there is: connections, open calls, slow calls.
    static func text(
        _ response: InspectResponse, rows: Int, in terminal: Terminal = .none
    ) -> String {
        let open = response.connections.flatMap(\.openCalls)
            .sorted { $0.durationMilliseconds > $1.durationMilliseconds }
        let head =
            "version \(response.version), connections: \(response.connectionCount), "
            + "open calls: \(open.count)"
        return [
            head, table(of: response.connections, rows, terminal),
            table("Open calls", of: open, rows, terminal),
            table("Slowest calls of the last 10 minutes", of: response.slowCalls, rows, terminal),
        ].compactMap(\.self).joined(separator: "\n\n")
    }

    private static func table(
        of connections: [ConnectionReport], _ rows: Int, _ terminal: Terminal
    ) -> String? {
        guard !connections.isEmpty else { return nil }
        var table = TextTable([
            .left("Connection"), .right("Age (s)"), .right("Calls"), .right("Open"),
            .right("Received (B)"), .right("Sent (B)"), .left("State"),
        ])
        for connection in connections.prefix(rows) {
            table.add([
                connection.peer, Figures.decimal(connection.ageMilliseconds / 1_000, 1),
                "\(connection.startedCalls)", "\(connection.openCalls.count)",
                "\(connection.receivedBytes)", "\(connection.sentBytes)",
                connection.draining ? "draining" : "open",
            ])
        }
        return table.text(in: terminal) + rest(connections.count - rows)
    }

    private static func table(
        _ title: String, of calls: [CallReport], _ rows: Int, _ terminal: Terminal
    ) -> String? {
        guard !calls.isEmpty else { return nil }
        var table = TextTable([
            .left("Method"), .right("Time (ms)"), .left("Status"), .right("Ended (s ago)"),
            .left("From"), .left("Trace"),
        ])
        for call in calls.prefix(rows) {
            let isOpen = call.status.isEmpty
            table.add([
                call.method, Figures.decimal(call.durationMilliseconds, 1),
                isOpen ? "open" : call.status,
                isOpen ? "" : Figures.decimal(call.endedMillisecondsAgo / 1_000, 1), call.peer,
                call.traceID,
            ])
        }
        return terminal.styled(title, .bold) + "\n" + table.text(in: terminal)
            + rest(calls.count - rows)
    }

    private static func rest(_ count: Int) -> String {
        count > 0 ? "\n… and \(count) more; --calls shows more, --json all" : ""
    }

    /// Methods as in a `.proto` file, then the messages with their fields.
    static func text(_ response: ListMethodsResponse) -> String {
        let methods = response.methods.map { method in
            "\(method.method)(\(method.request)) returns (\(method.response))"
        }
        let messages = response.messages.map { message in
            let fields = message.fields.map { field in
                "  \(field.repeated ? "repeated " : "")\(field.type) \(field.name) = \(field.number)"
            }
            return (["\(message.name)"] + fields).joined(separator: "\n")
        }
        return ([methods.joined(separator: "\n")] + messages).joined(separator: "\n\n")
    }
}
