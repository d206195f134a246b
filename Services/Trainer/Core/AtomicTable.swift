/// A reader of RecBole's atomic files: tab-separated values under a header of `name:type` columns.
///
/// Format: RecBole 1.2, "Atomic Files". Every line ends with a line feed; a carriage return before it
/// is dropped. A file whose last line lacks its line feed was cut off and is refused, because half a
/// number is a number too.
public struct AtomicTable {
    /// Longest line in bytes.
    public static let maximumLineBytes = 65_536
    /// Most columns.
    public static let maximumColumns = 64
    /// Most rows.
    public static let maximumRows = 50_000_000

    /// One row with the line it stands on.
    public struct Row {
        /// The line, counted from 1; the header is line 1.
        public let line: Int
        let fields: [Substring]
    }

    /// The columns' names without their types, in order.
    public let columns: [String]
    /// Every row, in the file's order.
    public let rows: [Row]
    let source: String

    /// Reads a whole file.
    ///
    /// - Parameters:
    ///   - bytes: the file.
    ///   - source: its name, for errors.
    /// - Throws: ``DataError`` for an empty file, a line that is too long, not UTF-8, cut off or of
    ///   another number of fields than the header, and for too many columns or rows.
    public init(bytes: [UInt8], source: String) throws(DataError) {
        guard !bytes.isEmpty else {
            throw DataError(source: source, message: "is empty; expected a header line")
        }
        guard bytes.last == 0x0A else {
            let lines = bytes.count { $0 == 0x0A } + 1
            throw DataError(
                source: source, line: lines, message: "the file ends in the middle of this line")
        }
        var names: [String]?
        var rows: [Row] = []
        var line = 0
        for piece in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            line += 1
            let fields = try Self.fields(of: piece, line: line, source: source)
            guard let columns = names else {
                names = try Self.columnNames(fields, source: source)
                continue
            }
            guard fields.count == columns.count else {
                throw DataError(
                    source: source, line: line,
                    message: "has \(fields.count) fields, the header \(columns.count)")
            }
            guard rows.count < Self.maximumRows else {
                throw DataError(
                    source: source, line: line, message: "more than \(Self.maximumRows) rows")
            }
            rows.append(Row(line: line, fields: fields))
        }
        self.columns = names ?? []
        self.rows = rows
        self.source = source
    }

    private static func fields(
        of piece: ArraySlice<UInt8>, line: Int, source: String
    ) throws(DataError) -> [Substring] {
        let text = piece.last == 0x0D ? piece.dropLast() : piece
        guard text.count <= maximumLineBytes else {
            throw DataError(
                source: source, line: line,
                message: "\(text.count) bytes, more than \(maximumLineBytes)")
        }
        guard let decoded = String(validating: text, as: UTF8.self) else {
            throw DataError(source: source, line: line, message: "is not UTF-8")
        }
        return decoded.split(separator: "\t", omittingEmptySubsequences: false)
    }

    private static func columnNames(
        _ fields: [Substring], source: String
    ) throws(DataError) -> [String] {
        guard fields.count <= maximumColumns else {
            throw DataError(
                source: source, line: 1,
                message: "\(fields.count) columns, more than \(maximumColumns)")
        }
        let types: Set<Substring> = ["token", "token_seq", "float", "float_seq"]
        var names: [String] = []
        for field in fields {
            let parts = field.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, types.contains(parts[1]) else {
                throw DataError(
                    source: source, line: 1,
                    message: "a header field is no `name:type` with a type of RecBole's")
            }
            guard !names.contains(String(parts[0])) else {
                throw DataError(
                    source: source, line: 1, message: "column \(parts[0]) appears twice")
            }
            names.append(String(parts[0]))
        }
        return names
    }

    /// Position of a column that must be there.
    func position(of column: String) throws(DataError) -> Int {
        guard let position = columns.firstIndex(of: column) else {
            throw DataError(
                source: source, line: 1,
                message: "no column \(column); there are \(columns.joined(separator: ", "))")
        }
        return position
    }
}
