public import Domain
import Postgres

extension CatalogStore {
    /// Rows of an import that are committed together; between batches other writes take their turn.
    public static let importBatchRows = 50_000
    /// The deadline of each batch of an import that brings none.
    public static let importTimeout: Duration = .seconds(600)

    /// Imports items from a delimited file by COPY, in batches that are committed one by one.
    ///
    /// Bad rows are handed to `rejected` and do not stop the others. Memory is bounded, whatever
    /// the file's size. An import can be repeated: what is stored already is no change.
    ///
    /// - Parameters:
    ///   - chunks: the file's next bytes, nil at its end.
    ///   - format: how the file is written.
    ///   - columns: which columns make an item.
    ///   - author: kept in the change log.
    ///   - options: dry run, and the number of rows that may be rejected.
    ///   - progress: called with each chunk.
    ///   - rejected: called with each row that is not imported.
    /// - Throws: `StorageError` of code `invalidArgument` for a mapping without its column, or for
    ///   too many rejected rows; what `chunks` or `rejected` throws as its cause.
    public func importItems(
        from chunks: @escaping () throws -> [UInt8]?, format: DelimitedFormat,
        columns: ItemColumns, author: String, options: ImportOptions = ImportOptions(),
        deadline: ContinuousClock.Instant?, progress: @escaping (ImportProgress) -> Void = { _ in },
        rejected: @escaping (RejectedRow) throws -> Void
    ) async throws(StorageError) -> ImportResult {
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        var source = DelimitedSource(
            format, options: options,
            makeDecoder: { (places) throws(StorageError) in
                try ItemDecoder(columns, places: places)
            }, nextChunk: chunks, onProgress: progress, onRejected: rejected)
        return try await run(
            .items(statements, author: author), &source, isDryRun: options.isDryRun,
            deadline: deadline)
    }

    /// Imports interactions from a delimited file by COPY, in batches that are committed one by
    /// one.
    ///
    /// As `importItems(from:…)`. A row whose item is not in the catalog is rejected. Rows with a
    /// time that are stored already are skipped; rows without one come before all others of their
    /// user, in the order of the file.
    ///
    /// - Throws: as `importItems(from:…)`.
    public func importInteractions(
        from chunks: @escaping () throws -> [UInt8]?, format: DelimitedFormat,
        columns: InteractionColumns, options: ImportOptions = ImportOptions(),
        deadline: ContinuousClock.Instant?, progress: @escaping (ImportProgress) -> Void = { _ in },
        rejected: @escaping (RejectedRow) throws -> Void
    ) async throws(StorageError) -> ImportResult {
        var source = DelimitedSource(
            format, options: options,
            makeDecoder: { (places) throws(StorageError) in
                try InteractionDecoder(columns, places: places)
            }, nextChunk: chunks, onProgress: progress, onRejected: rejected)
        return try await run(
            .interactions(statements), &source, isDryRun: options.isDryRun, deadline: deadline)
    }

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
        progress: @escaping (Int) -> Void = { _ in }
    ) async throws(StorageError) -> ImportResult {
        try Check.text(author, "author", limit: CatalogLimits.maximumIDBytes)
        var source = TypedSource(rows, onProgress: progress) { item, place throws(StorageError) in
            try Check.item(item, "rows[\(place)]")
            return try item.importValues(place: place)
        }
        return try await run(
            .items(statements, author: author), &source, isDryRun: false, deadline: deadline)
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
        progress: @escaping (Int) -> Void = { _ in }
    ) async throws(StorageError) -> ImportResult {
        var source = TypedSource(rows, onProgress: progress) { row, place throws(StorageError) in
            try Check.newID(row.userID, "rows[\(place)].user_id")
            try Check.interaction(row.interaction, "rows[\(place)]")
            return [
                .int(Int64(place)), .text(row.userID), .text(row.interaction.itemID),
                .int(row.interaction.timeSeconds), .float(row.interaction.rating),
            ]
        }
        return try await run(
            .interactions(statements), &source, isDryRun: false, deadline: deadline)
    }

    private func run(
        _ kind: ImportKind, _ source: inout some ImportSource, isDryRun: Bool,
        deadline: ContinuousClock.Instant?
    ) async throws(StorageError) -> ImportResult {
        var write = WriteResult(version: 0, changedCount: 0)
        var isAtEnd = false
        while !isAtEnd {
            let limit = deadline ?? .now.advanced(by: Self.importTimeout)
            let batch = try await mapErrors {
                try await pool.withTransaction(deadline: limit) { connection in
                    isAtEnd = try await stage(kind, &source, connection)
                    return try await store(kind, &source, isDryRun: isDryRun, connection)
                }
            }
            write.changedCount += batch?.changedCount ?? 0
            write.version = batch?.version ?? write.version
        }
        if isDryRun {
            write.version = try await catalogVersion(deadline: deadline)
        } else if write.changedCount > 0 {
            // The planner's picture of a table that was just filled is wrong by orders of magnitude.
            let limit = deadline ?? .now.advanced(by: Self.importTimeout)
            _ = try await query(schema.qualify("ANALYZE @.\(kind.table)"), [], deadline: limit)
        }
        return ImportResult(
            rowCount: source.progress.rowCount, changedCount: write.changedCount,
            rejectedCount: source.progress.rejectedCount, version: write.version)
    }

    /// Copies a batch of rows into the staging table; true at the end of the rows.
    private func stage(
        _ kind: ImportKind, _ source: inout some ImportSource, _ connection: PostgresConnection
    ) async throws -> Bool {
        try await connection.query(kind.create, isPrepared: false)
        var encoder = CopyRowEncoder()
        var count = 0
        var (isAtEnd, isFull) = (false, false)
        try await connection.copyIn("COPY pg_temp.\(kind.staging) FROM STDIN (FORMAT binary)") {
            if isFull { return nil }
            if let added = try source.fill(&encoder, limit: Self.importBatchRows - count) {
                count += added
            } else {
                isAtEnd = true
            }
            isFull = isAtEnd || count == Self.importBatchRows
            if isFull { encoder.finish() }
            return encoder.take()
        }
        return isAtEnd
    }

    /// Writes what was staged, behind the writes' lock; nil when it was only checked.
    private func store(
        _ kind: ImportKind, _ source: inout some ImportSource, isDryRun: Bool,
        _ connection: PostgresConnection
    ) async throws -> WriteResult? {
        let check = kind.unknown.map {
            PostgresStatement($0, [.int(Int64(clamping: source.unknownLimit))], isPrepared: false)
        }
        let write = [
            PostgresStatement(statements.lock), check,
            PostgresStatement(kind.store, kind.parameters, isPrepared: false),
        ].compactMap { $0 }
        let results = try await connection.pipeline(isDryRun ? [check].compactMap { $0 } : write)
        if check != nil {
            let rows = results[isDryRun ? 0 : 1]
            let unknown = try rows.map { (itemID: try $0.text(0), place: Int(try $0.int(1))) }
            try source.reject(unknown: unknown)
        }
        guard !isDryRun, let row = results.last?.first else { return nil }
        return WriteResult(version: try row.version(0), changedCount: Int(try row.int(1)))
    }
}

/// What differs between the two imports.
struct ImportKind {
    let table: String
    let staging: String
    let create: String
    /// Finds rows whose item is unknown.
    let unknown: String?
    let store: String
    let parameters: [PostgresValue]

    static func items(_ statements: CatalogStatements, author: String) -> ImportKind {
        ImportKind(
            table: "items", staging: "imported_items",
            create: CatalogStatements.createImportedItems, unknown: nil,
            store: statements.importItems, parameters: [.text(author)])
    }

    static func interactions(_ statements: CatalogStatements) -> ImportKind {
        ImportKind(
            table: "interactions", staging: "imported_interactions",
            create: CatalogStatements.createImportedInteractions,
            unknown: statements.unknownImportedItems, store: statements.importInteractions,
            parameters: [])
    }
}
