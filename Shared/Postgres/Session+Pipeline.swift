import CLibPQ

extension Session {
    /// Runs statements in one round trip and one transaction; each sees what the ones before it
    /// did, and what was committed before it started.
    ///
    /// - Returns: the rows of each.
    /// - Throws: the first error; nothing is written then, except where the kind is
    ///   `outcomeUnknown`.
    func executeTogether(
        _ statements: [PostgresStatement], control: CallControl
    ) throws(PostgresError) -> [PostgresRows] {
        if let reason = control.interruption(now: .now) { throw reason }
        var names: [String?] = []
        var parameters: [EncodedParameters] = []
        for statement in statements {
            let encoded = try Self.encode(statement.parameters)
            names.append(
                statement.isPrepared
                    ? try prepareOnce(statement.sql, types: encoded.types, control: control) : nil)
            parameters.append(encoded)
        }
        if let reason = control.interruption(now: .now) { throw reason }
        let commits = !isInTransaction
        guard PQenterPipelineMode(handle) == 1 else {
            throw connectionError("the statements could not be sent")
        }
        for (index, statement) in statements.enumerated() {
            try send(statement.sql, name: names[index], parameters[index], format: .binary)
        }
        guard PQpipelineSync(handle) == 1 else {
            throw connectionError("the statements could not be sent")
        }
        do {
            return try collectPipeline(control)
        } catch {
            forget(names.compactMap { $0 }, after: error)
            guard commits, error.kind == .unavailable, error.code.sqlState == nil else {
                throw error
            }
            throw PostgresError(
                .outcomeUnknown,
                "the connection was lost during a write: read back whether it happened",
                cause: error)
        }
    }

    /// Takes the results up to the pipeline's end, and leaves the pipeline mode.
    private func collectPipeline(_ control: CallControl) throws(PostgresError) -> [PostgresRows] {
        var cancellation: Cancellation?
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        var isAtEnd = false
        while !isAtEnd {
            try awaitResult(control, &cancellation)
            // Nil stands between two statements; after a lost connection nothing else comes.
            guard let result = PQgetResult(handle) else {
                guard PQstatus(handle) == CONNECTION_OK else { break }
                continue
            }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                isAtEnd = true
                PQclear(result)
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
            default:
                if let error = Self.error(of: result) {
                    failure = failure ?? error
                    PQclear(result)
                } else {
                    rows.append(PostgresRows(owning: result))
                }
            }
        }
        if !isAtEnd || PQexitPipelineMode(handle) == 0 { isBroken = true }
        if let cancellation {
            settle(cancellation, sqlState: failure?.code.sqlState)
            if failure?.code.sqlState == "57014" { failure = cancellation.reason }
        }
        if let failure { throw failure }
        guard isAtEnd else { throw connectionError("the database connection was lost") }
        return rows
    }
}
