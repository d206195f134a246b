import CLibPQ

/// How the server sends the fields of a result.
public enum ResultFormat: Sendable, Hashable {
    /// The types' binary forms: exact and quick; the readers know those of the built-in types.
    case binary
    /// The types' printed forms, for types such as `numeric` that are read as text.
    case text

    /// libpq's number.
    var number: CInt { self == .binary ? 1 : 0 }
}

/// The rows of one statement's result, read by column position.
///
/// Owns libpq's result; rows are views of it and keep it alive.
public struct PostgresRows: Sendable, RandomAccessCollection {
    /// libpq's result, freed with the last view of it.
    final class Storage: @unchecked Sendable {
        // A PGresult is never written after it was received, so any thread may read it.
        let handle: OpaquePointer

        init(owning handle: OpaquePointer) { self.handle = handle }

        deinit { PQclear(handle) }
    }

    private let storage: Storage
    /// Number of columns.
    public let columnCount: Int
    /// Always 0.
    public let startIndex = 0
    /// Number of rows.
    public let endIndex: Int

    init(owning handle: OpaquePointer) {
        storage = Storage(owning: handle)
        columnCount = Int(PQnfields(handle))
        endIndex = Int(PQntuples(handle))
    }

    /// Row number `position`, from 0.
    public subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return PostgresRow(storage: storage, row: CInt(position), columnCount: columnCount)
    }

    /// The rows that the statement inserted, updated, deleted or copied; 0 for others.
    public var affectedCount: Int {
        PQcmdTuples(storage.handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// The only row of a result.
    ///
    /// - Throws: `PostgresError` of kind `internalError` unless there is exactly one.
    public func onlyRow() throws(PostgresError) -> PostgresRow {
        guard count == 1 else {
            throw PostgresError(.internalError, "\(count) rows where one was expected")
        }
        return self[0]
    }

    /// The server's command tag, such as `COMMIT`.
    var commandTag: String {
        PQcmdStatus(storage.handle).map { String(cString: $0) } ?? ""
    }
}

/// One row; columns are read by position and type, in text or binary format.
///
/// Every reader throws `PostgresError` of kind `internalError` when there is no such column, when
/// it is NULL and the reader is not an `optional` one, or when it has another type.
public struct PostgresRow: Sendable {
    let storage: PostgresRows.Storage
    let row: CInt
    let columnCount: Int

    /// Whether the column is NULL.
    public func isNull(_ column: Int) throws(PostgresError) -> Bool {
        try check(column)
        return PQgetisnull(storage.handle, row, CInt(column)) == 1
    }

    /// A `smallint`, `integer`, `bigint` or `oid`.
    public func int(_ column: Int) throws(PostgresError) -> Int64 {
        try require(try optionalInt(column), column)
    }

    /// A `real` or `double precision`.
    public func double(_ column: Int) throws(PostgresError) -> Double {
        try require(try optionalDouble(column), column)
    }

    /// A `boolean`.
    public func bool(_ column: Int) throws(PostgresError) -> Bool {
        let value = try field(column) { cell throws(PostgresError) -> Bool in
            guard cell.type == TypeID.bool, cell.bytes.count == 1 else {
                throw cell.mismatch("boolean")
            }
            return cell.bytes[0] == 1 || cell.bytes[0] == UInt8(ascii: "t")
        }
        return try require(value, column)
    }

    /// A `text`, `varchar`, `name`, `json` or `jsonb`; in text format any type.
    public func text(_ column: Int) throws(PostgresError) -> String {
        try require(try optionalText(column), column)
    }

    /// A `bytea`.
    public func bytes(_ column: Int) throws(PostgresError) -> [UInt8] {
        let value = try field(column) { cell throws(PostgresError) -> [UInt8] in
            guard cell.type == TypeID.bytea else { throw cell.mismatch("bytea") }
            return cell.isBinary ? Array(cell.bytes) : try cell.hexBytes()
        }
        return try require(value, column)
    }

    /// A `text[]` without NULLs, in binary format.
    public func texts(_ column: Int) throws(PostgresError) -> [String] {
        let value = try field(column) { cell throws(PostgresError) -> [String] in
            guard cell.type == TypeID.textArray, cell.isBinary else {
                throw cell.mismatch("text[]")
            }
            return try cell.textElements()
        }
        return try require(value, column)
    }

    /// A `bigint[]` without NULLs, in binary format.
    public func ints(_ column: Int) throws(PostgresError) -> [Int64] {
        let value = try field(column) { cell throws(PostgresError) -> [Int64] in
            guard cell.type == TypeID.int8Array, cell.isBinary else {
                throw cell.mismatch("bigint[]")
            }
            return try cell.integerElements()
        }
        return try require(value, column)
    }

    /// An integer, or nil for NULL.
    public func optionalInt(_ column: Int) throws(PostgresError) -> Int64? {
        try field(column) { cell throws(PostgresError) in try cell.integer() }
    }

    /// A floating-point number, or nil for NULL.
    public func optionalDouble(_ column: Int) throws(PostgresError) -> Double? {
        try field(column) { cell throws(PostgresError) in try cell.floatingPoint() }
    }

    /// A text, or nil for NULL.
    public func optionalText(_ column: Int) throws(PostgresError) -> String? {
        try field(column) { cell throws(PostgresError) in try cell.string() }
    }

    private func check(_ column: Int) throws(PostgresError) {
        guard (0..<columnCount).contains(column) else {
            throw PostgresError(.internalError, "no column \(column) among \(columnCount)")
        }
    }

    private func require<Value>(
        _ value: Value?, _ column: Int
    ) throws(PostgresError) -> Value {
        guard let value else { throw PostgresError(.internalError, "column \(column) is NULL") }
        return value
    }

    private func field<Value>(
        _ column: Int, _ decode: (Cell) throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value? {
        guard try !isNull(column) else { return nil }
        let handle = storage.handle
        let index = CInt(column)
        let length = Int(PQgetlength(handle, row, index))
        let bytes = UnsafeRawBufferPointer(start: PQgetvalue(handle, row, index), count: length)
        return try decode(
            Cell(
                bytes: bytes, type: PQftype(handle, index), isBinary: PQfformat(handle, index) == 1,
                column: column))
    }
}
