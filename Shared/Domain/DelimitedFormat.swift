/// How a file of rows is written.
public struct DelimitedFormat: Sendable, Hashable {
    /// What stands between two fields.
    public enum Separator: UInt8, Sendable, Hashable, CaseIterable {
        /// Tab.
        case tab = 0x09
        /// `,`
        case comma = 0x2C
        /// `;`
        case semicolon = 0x3B
        /// `|`
        case pipe = 0x7C
    }

    /// What stands between two fields.
    public var separator: Separator
    /// Whether a field may be quoted as in RFC 4180: `"a ""b"", c"`.
    public var isQuoted: Bool
    /// Whether the first line names the columns; else they are named 1, 2, ….
    public var hasHeader: Bool

    /// Makes a format; tab-separated fields are not quoted unless said so.
    public init(separator: Separator, isQuoted: Bool? = nil, hasHeader: Bool = true) {
        self.separator = separator
        self.isQuoted = isQuoted ?? (separator != .tab)
        self.hasHeader = hasHeader
    }
}

/// What a file of rows may hold.
public enum DelimitedLimits {
    /// Bytes of one field.
    public static let maximumFieldBytes = 64 << 10
    /// Bytes of one line.
    public static let maximumLineBytes = 1 << 20
    /// Fields of one line.
    public static let maximumColumns = 256
}
