import Domain
import Postgres

extension CatalogStore {
    /// Rows of an import that are committed together; between batches other writes take their turn.
    public static let importBatchRows = 50_000
    /// The deadline of an import that brings none.
    public static let importTimeout: Duration = .seconds(600)
    /// Rows are sent when so many bytes have come together.
    private static let chunkBytes = 64 << 10

    /// Writes items by COPY, in batches of 50,000 that are committed one by one.
    ///
    /// - Parameters:
    ///   - rows: the items; of several with one id in a batch the last counts.
    ///   - author: kept in the change log.
    ///   - progress: called with the number of rows sent so far.
    /// - Throws: `StorageError` of code `invalidArgument` naming the row, from 0; the batches
    ///   before it are stored, and the import can be repeated.
    public func importItems(
        _ rows: some Sequence<ItemDraft>, author: String, deadline: ContinuousClock.Instant?,
        progress: (Int) -> Void = { _ in }
    ) async throws(StorageError) -> ImportResult {
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        return try await importRows(
            rows, into: "imported_items", create: CatalogStatements.createImportedItems,
            table: "items", deadline: deadline, progress: progress
        ) { item, place throws(StorageError) in
            try Check.item(item, "rows[\(place)]")
            return [
                .int(Int64(place)), .text(item.id), .text(item.title),
                .text(try AttributesJSON.encode(item.attributes)), .bool(item.isHidden),
                .int(item.expiresAtSeconds),
            ]
        } store: { connection in
            try await connection.query(
                self.statements.importItems, [.text(author)], isPrepared: false)
        }
    }

    /// Adds interactions by COPY, in batches of 50,000 that are committed one by one.
    ///
    /// Rows with a time that are stored already are skipped. Rows without a time come before all
    /// others of their user, in the order of the input.
    ///
    /// - Parameters:
    ///   - rows: the interactions, in any order.
    ///   - progress: called with the number of rows sent so far.
    /// - Throws: `StorageError` of code `notFound` whose details name unknown item ids,
    ///   `invalidArgument` naming the row, from 0; the batches before it are stored, and the import
    ///   can be repeated.
    public func importInteractions(
        _ rows: some Sequence<InteractionRow>, deadline: ContinuousClock.Instant?,
        progress: (Int) -> Void = { _ in }
    ) async throws(StorageError) -> ImportResult {
        try await importRows(
            rows, into: "imported_interactions",
            create: CatalogStatements.createImportedInteractions, table: "interactions",
            deadline: deadline, progress: progress
        ) { row, place throws(StorageError) in
            try Check.id(row.userID, "rows[\(place)].user_id")
            try Check.interaction(row.interaction, "rows[\(place)]")
            return [
                .int(Int64(place)), .text(row.userID), .text(row.interaction.itemID),
                .int(row.interaction.timeSeconds), .float(row.interaction.rating),
            ]
        } store: { connection in
            try await self.refuseUnknownItems(connection)
            return try await connection.query(
                self.statements.importInteractions, isPrepared: false)
        }
    }

    private func refuseUnknownItems(_ connection: PostgresConnection) async throws {
        let limit = CatalogLimits.maximumErrorDetails
        let rows = try await connection.query(
            statements.unknownImportedItems, [.int(Int64(limit))], isPrepared: false)
        guard !rows.isEmpty else { return }
        let details = try rows.map { row in
            StorageError.FieldDetail(
                field: "rows[\(try row.int(1))].item_id", problem: "is no item of the catalog",
                value: try row.text(0))
        }
        throw StorageError(
            .notFound, "items of the import are not in the catalog: import them first",
            details: details)
    }

    private func importRows<Row>(
        _ rows: some Sequence<Row>, into temporary: String, create: String, table: String,
        deadline: ContinuousClock.Instant?, progress: (Int) -> Void,
        encode: (Row, Int) throws(StorageError) -> [PostgresValue],
        store: (PostgresConnection) async throws -> PostgresRows
    ) async throws(StorageError) -> ImportResult {
        let limit = deadline ?? .now.advanced(by: Self.importTimeout)
        var iterator = rows.makeIterator()
        var pending = iterator.next()
        var result = ImportResult(rowCount: 0, changedCount: 0, version: 0)
        while pending != nil {
            let write = try await mapErrors {
                try await pool.withTransaction(deadline: limit) { connection in
                    try await connection.query(create, isPrepared: false)
                    let batchEnd = result.rowCount + Self.importBatchRows
                    var encoder = CopyRowEncoder()
                    var isFinished = false
                    _ = try await connection.copyIn(
                        "COPY pg_temp.\(temporary) FROM STDIN (FORMAT binary)"
                    ) {
                        if isFinished { return nil }
                        while let row = pending, result.rowCount < batchEnd {
                            encoder.append(try encode(row, result.rowCount))
                            result.rowCount += 1
                            pending = iterator.next()
                            if encoder.bytes.count >= Self.chunkBytes { break }
                        }
                        isFinished = pending == nil || result.rowCount == batchEnd
                        if isFinished { encoder.finish() }
                        progress(result.rowCount)
                        return encoder.take()
                    }
                    let row = try await store(connection).onlyRow()
                    return WriteResult(
                        version: try row.version(0), changedCount: Int(try row.int(1)))
                }
            }
            result.changedCount += write.changedCount
            result.version = write.version
        }
        guard result.rowCount > 0 else {
            result.version = try await catalogVersion(deadline: limit)
            return result
        }
        // The planner's picture of a table that was just filled is wrong by orders of magnitude.
        _ = try await query(schema.qualify("ANALYZE @.\(table)"), [], deadline: limit)
        return result
    }
}
