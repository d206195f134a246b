import CLibPQ

/// A prepared statement's identity: its text and its parameters' types.
struct StatementKey: Hashable {
    let sql: String
    let types: [UInt32]
}

/// A statement as a call wants it.
struct Query: Sendable {
    let sql: String
    let parameters: EncodedParameters
    /// Keep the statement's plan on the connection.
    let isPrepared: Bool
    let format: ResultFormat
}

/// Parameters laid out as libpq takes them: one buffer, and a place in it for each.
struct EncodedParameters: Sendable {
    let types: [UInt32]
    private(set) var bytes: [UInt8] = []
    private(set) var places: [Range<Int>?] = []

    init(_ parameters: [PostgresValue]) {
        types = parameters.map(\.typeID)
        places.reserveCapacity(parameters.count)
        for parameter in parameters {
            let start = bytes.count
            parameter.encode(into: &bytes)
            places.append(parameter == .null ? nil : start..<bytes.count)
        }
        // An empty buffer has no address, and a nil address would mean NULL.
        bytes.append(0)
    }

    /// Pointers, lengths and formats (all binary) for libpq.
    func withPointers(
        _ body: ([UnsafePointer<CChar>?], [CInt], [CInt]) -> CInt
    ) -> CInt {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = places.map { place in place.flatMap { base?.advanced(by: $0.lowerBound) }
            }
            let lengths = places.map { CInt($0?.count ?? 0) }
            return body(pointers, lengths, [CInt](repeating: 1, count: places.count))
        }
    }
}

extension Session {
    /// Parameters of one statement, as the protocol counts them.
    static let maximumParameters = 65_535
    /// Bytes of one statement's parameters together.
    static let maximumParameterBytes = 256 << 20

    /// Runs one statement with bound parameters and returns its rows.
    ///
    /// What `sendAtOnce` has sent of the same call is not sent again.
    func execute(_ query: Query, control: CallControl) throws(PostgresError) -> PostgresRows {
        let (sql, types) = (query.sql, query.parameters.types)
        if !hasSent {
            if let reason = control.interruption(now: .now) { throw reason }
            let name =
                query.isPrepared ? try prepareOnce(sql, types: types, control: control) : nil
            if name != nil, let reason = control.interruption(now: .now) { throw reason }
            try send(sql, name: name, query.parameters, format: query.format)
        }
        hasSent = false
        do {
            return PostgresRows(owning: try collect(control))
        } catch {
            if let name = prepared[StatementKey(sql: sql, types: types)] {
                forget([name], after: error)
            }
            throw error
        }
    }

    /// Sends a statement if nothing has to be waited for before; never blocks.
    ///
    /// - Returns: whether all of it is on its way; if not, `execute` sends it, or the rest, or finds
    ///   the connection broken.
    func sendAtOnce(_ query: Query, control: CallControl) -> Bool {
        guard isIdle, !isBroken, control.interruption(now: .now) == nil else { return false }
        var name: String?
        if query.isPrepared {
            name = prepared[StatementKey(sql: query.sql, types: query.parameters.types)]
            guard name != nil else { return false }
        }
        do throws(PostgresError) {
            try send(query.sql, name: name, query.parameters, format: query.format)
        } catch {
            return false
        }
        hasSent = true
        return PQflush(handle) == 0
    }

    /// Checks the limits and lays the parameters out.
    static func encode(
        _ parameters: [PostgresValue]
    ) throws(PostgresError) -> EncodedParameters {
        let encoded = EncodedParameters(parameters)
        guard parameters.count <= maximumParameters,
            encoded.bytes.count <= maximumParameterBytes
        else {
            throw PostgresError(.invalid, "the statement's parameters are too many or too large")
        }
        return encoded
    }

    /// Sends a statement, prepared as `name` or not; its result is taken later.
    func send(
        _ sql: String, name: String?, _ encoded: EncodedParameters, format: ResultFormat
    ) throws(PostgresError) {
        let count = CInt(encoded.types.count)
        let isSent = encoded.withPointers { pointers, lengths, formats in
            if let name {
                return PQsendQueryPrepared(
                    handle, name, count, pointers, lengths, formats, format.number)
            }
            return PQsendQueryParams(
                handle, sql, count, encoded.types, pointers, lengths, formats, format.number)
        }
        guard isSent == 1 else { throw connectionError("the statement could not be sent") }
    }

    /// Prepares statements anew at their next use when the schema changed under their plans.
    func forget(_ names: [String], after error: PostgresError) {
        if ["0A000", "26000"].contains(error.code.sqlState) {
            prepared = prepared.filter { !names.contains($0.value) }
        }
    }

    /// Runs a script of several statements without parameters; results are dropped.
    func script(_ sql: String, control: CallControl) throws(PostgresError) {
        if let reason = control.interruption(now: .now) { throw reason }
        guard PQsendQuery(handle, sql) == 1 else {
            throw connectionError("the statement could not be sent")
        }
        PQclear(try collect(control))
    }

    /// Sends a statement that answers with one result, such as BEGIN, and returns its tag.
    func command(_ sql: String, control: CallControl) throws(PostgresError) -> String {
        try execute(
            Query(sql: sql, parameters: try Self.encode([]), isPrepared: false, format: .binary),
            control: control
        ).commandTag
    }

    func prepareOnce(
        _ sql: String, types: [UInt32], control: CallControl
    ) throws(PostgresError) -> String? {
        let key = StatementKey(sql: sql, types: types)
        if let name = prepared[key] { return name }
        guard prepared.count < configuration.maximumPreparedStatements else { return nil }
        preparedCount += 1
        let name = "llara_\(preparedCount)"
        guard PQsendPrepare(handle, name, sql, CInt(types.count), types) == 1 else {
            throw connectionError("the statement could not be sent")
        }
        PQclear(try collect(control))
        prepared[key] = name
        return name
    }

    /// Takes all results of what was sent; returns the last one, which the caller frees.
    ///
    /// - Throws: the first error that the server reported, or the interruption's reason.
    func collect(_ control: CallControl) throws(PostgresError) -> OpaquePointer {
        var cancellation: Cancellation?
        var last: OpaquePointer?
        var failure: PostgresError?
        do {
            while true {
                try awaitResult(control, &cancellation)
                guard let result = PQgetResult(handle) else { break }
                if let error = Self.error(of: result) {
                    failure = failure ?? error
                    PQclear(result)
                } else {
                    PQclear(last)
                    last = result
                    if Self.isCopy(result) { break }
                }
            }
        } catch {
            PQclear(last)
            throw error
        }
        if PQstatus(handle) != CONNECTION_OK { isBroken = true }
        if let cancellation {
            settle(cancellation, sqlState: failure?.code.sqlState)
            // A statement that ended before the request reached it has succeeded all the same.
            if failure?.code.sqlState == "57014" { failure = cancellation.reason }
        }
        if let failure {
            PQclear(last)
            throw failure
        }
        guard let last else { throw connectionError("the database connection was lost") }
        return last
    }

    private static func isCopy(_ result: OpaquePointer) -> Bool {
        let status = PQresultStatus(result)
        return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH
    }

    /// The error that a result stands for, if it does.
    static func error(of result: OpaquePointer) -> PostgresError? {
        let status = PQresultStatus(result)
        guard status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE else { return nil }
        func field(_ code: Character) -> String? {
            let number = CInt(code.asciiValue ?? 0)
            return PQresultErrorField(result, number).map { String(cString: $0) }
        }
        guard let state = field("C") else {
            return PostgresError(
                .unavailable, "the database connection was lost",
                details: PQresultErrorMessage(result).map { String(cString: $0) })
        }
        // Names of constraints, tables and columns are the program's own words, no data.
        let place = [("constraint", field("n")), ("table", field("t")), ("column", field("c"))]
            .compactMap { name, value in value.map { " \(name) \($0)" } }.joined(separator: ",")
        let words = [field("M"), field("D"), field("H")].compactMap { $0 }.joined(separator: "; ")
        return PostgresError(
            PostgresError.Kind(sqlState: state),
            "the database refused the statement" + (place.isEmpty ? "" : " at\(place)"),
            sqlState: state, details: words)
    }
}
