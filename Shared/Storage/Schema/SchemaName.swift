/// The PostgreSQL schema that holds the tables: the one name that is written into statements.
struct SchemaName: Sendable, Hashable {
    /// PostgreSQL's own limit on names.
    static let maximumBytes = 63

    let name: String

    /// - Throws: `StorageError` of code `invalidArgument` unless the name is a lower-case letter or
    ///   `_` followed by lower-case letters, digits and `_`.
    init(_ name: String) throws(StorageError) {
        let isLetter = { (byte: UInt8) in
            byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let first = name.utf8.first, isLetter(first), name.utf8.count <= Self.maximumBytes,
            name.utf8.allSatisfy({ isLetter($0) || isDigit($0) })
        else {
            throw .invalid("schema", "must be 1 to 63 of a-z, 0-9 and _, not starting with a digit")
        }
        self.name = name
    }

    /// Writes the schema's name in place of every `@.` of a statement.
    func qualify(_ sql: String) -> String {
        sql.split(separator: "@.", omittingEmptySubsequences: false)
            .joined(separator: "\"\(name)\".")
    }
}
