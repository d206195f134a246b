import Postgres

/// Rows that are values already; a bad one ends the import.
struct TypedSource<Rows: Sequence>: ImportSource {
    private(set) var progress = ImportProgress()
    private var iterator: Rows.Iterator
    private let onProgress: (Int) -> Void
    private let encode: (Rows.Element, Int) throws(StorageError) -> [PostgresValue]

    init(
        _ rows: Rows, onProgress: @escaping (Int) -> Void,
        encode: @escaping (Rows.Element, Int) throws(StorageError) -> [PostgresValue]
    ) {
        iterator = rows.makeIterator()
        self.onProgress = onProgress
        self.encode = encode
    }

    let unknownLimit = CatalogLimits.maximumErrorDetails

    mutating func fill(_ encoder: inout CopyRowEncoder, limit: Int) throws -> Int? {
        var count = 0
        while count < limit, encoder.bytes.count < importChunkBytes, let row = iterator.next() {
            encoder.append(try encode(row, progress.rowCount))
            progress.rowCount += 1
            count += 1
        }
        onProgress(progress.rowCount)
        return count == 0 ? nil : count
    }

    mutating func reject(unknown rows: [(itemID: String, place: Int)]) throws {
        guard !rows.isEmpty else { return }
        throw StorageError(
            .notFound, "items of the import are not in the catalog: import them first",
            details: rows.map { row in
                .init(
                    field: "rows[\(row.place)].item_id", problem: "is no item of the catalog",
                    value: row.itemID)
            })
    }
}
