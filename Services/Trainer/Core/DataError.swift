/// A data file that does not hold what it should, with the place.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's name as the caller gave it.
    public let source: String
    /// The line, counted from 1; nil when the whole file is meant.
    public let line: Int?
    /// What is wrong and what was expected; never a person's data.
    public let message: String

    /// Makes an error.
    public init(source: String, line: Int? = nil, message: String) {
        self.source = source
        self.line = line
        self.message = message
    }

    /// `file:line: message`, as compilers write it.
    public var description: String {
        line.map { "\(source):\($0): \(message)" } ?? "\(source): \(message)"
    }
}
