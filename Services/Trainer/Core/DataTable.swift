public import Domain

/// A file of rows under named columns.
///
/// Where every field of the header is RecBole's `name:type` (RecBole 1.2, "Atomic Files"), the types
/// are taken off.
/// A file whose last line lacks its line feed was cut off: that line is a rejected row, because half
/// a number is a number too.
public struct DataTable {
    /// Most rows.
    public static let maximumRows = 50_000_000

    /// One row with the line it starts on.
    public struct Row {
        /// The line, counted from 1; a header is line 1.
        public let line: Int
        fileprivate let fields: DelimitedReader.Fields

        /// The field of the column at `position`, in UTF-8.
        public func text(_ position: Int) -> String { fields.text(position) ?? "" }
    }

    /// The columns' names in order, without RecBole's types.
    public let columns: [String]
    /// The file's name, for errors.
    public let source: String
    /// Hears from time to time how many bytes and rows are done.
    public var onProgress: (Int, Int) -> Void = { _, _ in }
    private let bytes: [UInt8]
    private let reader: DelimitedReader
    private let offset: Int

    /// Reads the header.
    ///
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - source: its name, for errors.
    /// - Throws: ``DataError`` for an empty file and a header that cannot be read or names a column
    ///   twice.
    public init(
        bytes: [UInt8], source: String, format: DelimitedFormat = DelimitedFormat(separator: .tab)
    ) throws(DataError) {
        var reader = DelimitedReader(format)
        var offset = 0
        let event = bytes.withUnsafeBufferPointer { reader.next(in: $0, from: &offset) }
        func wrong(_ message: String) -> DataError {
            DataError(source: source, line: 1, message: message)
        }
        switch event ?? reader.finish() {
        case nil: throw DataError(source: source, message: "is empty; expected a header line")
        case .malformed(let reason): throw wrong(reason)
        case .row: break
        }
        var names: [String] = []
        for position in 0..<reader.fields.count {
            guard let name = reader.fields.text(position) else { throw wrong("is not UTF-8") }
            names.append(name)
        }
        let untyped = names.compactMap(Self.name(typed:))
        if untyped.count == names.count { names = untyped }
        if !format.hasHeader {
            names = names.indices.map { "\($0 + 1)" }
            (reader, offset) = (DelimitedReader(format), 0)
        }
        for (position, name) in names.enumerated() {
            guard !name.isEmpty else { throw wrong("a column has no name") }
            guard !names[..<position].contains(name) else {
                throw wrong("column \(name) appears twice")
            }
        }
        (columns, self.source, self.bytes) = (names, source, bytes)
        (self.reader, self.offset) = (reader, offset)
    }

    private static func name(typed field: String) -> String? {
        let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let types: Set<Substring> = ["token", "token_seq", "float", "float_seq"]
        guard parts.count == 2, types.contains(parts[1]) else { return nil }
        return String(parts[0])
    }

    /// Position of a column that must be there.
    public func position(of column: String) throws(DataError) -> Int {
        guard let position = columns.firstIndex(of: column) else {
            throw DataError(
                source: source, line: 1,
                message: "no column \(column); there are \(columns.joined(separator: ", "))")
        }
        return position
    }

    /// Position of a column; nil where none is named.
    public func position(of column: String?) throws(DataError) -> Int? {
        guard let column else { return nil }
        return try position(of: column) as Int
    }

    /// Hands every row to `take`, which says why it rejects it, or nil.
    ///
    /// - Throws: ``DataError`` when `rejections` takes no more, or for too many rows.
    public func forEach(
        rejections: inout Rejections, _ take: (Row) -> String?
    ) throws(DataError) {
        var reader = reader
        var offset = offset
        var count = 0
        while true {
            let event = bytes.withUnsafeBufferPointer { reader.next(in: $0, from: &offset) }
            guard let found = event ?? reader.finish() else { return }
            count += 1
            if count.isMultiple(of: 1_024) { onProgress(offset, count) }
            guard count <= Self.maximumRows else {
                throw DataError(
                    source: source, line: reader.line,
                    message: "more than \(Self.maximumRows) rows")
            }
            guard let reason = reason(found, reader, take) else { continue }
            try rejections.add(DataError(source: source, line: reader.line, message: reason))
        }
    }

    private func reason(
        _ event: DelimitedReader.Event, _ reader: DelimitedReader, _ take: (Row) -> String?
    ) -> String? {
        if case .malformed(let reason) = event { return reason }
        let fields = reader.fields
        guard fields.count == columns.count else {
            return "the line has \(fields.count) fields where the file has \(columns.count)"
        }
        // A separator is ASCII, so that all fields are UTF-8 where their joint bytes are.
        guard String(validating: fields.bytes, as: UTF8.self) != nil else { return "is not UTF-8" }
        return take(Row(line: reader.line, fields: fields))
    }
}

/// Rows that cannot be used, with file, line and reason.
public struct Rejections: Sendable {
    /// How many are taken; one more ends the reading.
    public let maximum: Int
    /// What was rejected so far.
    public private(set) var list: [DataError] = []

    /// Takes up to `maximum` rows; with 0 the first one is the error.
    public init(maximum: Int = 0) { self.maximum = maximum }

    /// Takes one more.
    ///
    /// - Throws: the row's own error with a maximum of 0, else one that names the maximum.
    public mutating func add(_ row: DataError) throws(DataError) {
        guard list.count < maximum else {
            guard maximum > 0 else { throw row }
            throw DataError(
                source: row.source, line: row.line,
                message: "more than \(maximum) rows are rejected, here because: \(row.message)")
        }
        list.append(row)
    }
}
