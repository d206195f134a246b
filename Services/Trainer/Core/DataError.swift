/// A data file that does not hold what it should, with the place.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's name as the caller gave it.
    public let source: String
    /// The line, counted from 1; nil when the whole file is meant.
    public let line: Int?
    /// What is wrong and what was expected; never a person's data.
    public let message: String
    /// What to do next; nil where that is to correct the file.
    public let advice: String?

    /// Makes an error.
    public init(source: String, line: Int? = nil, message: String, advice: String? = nil) {
        self.source = source
        self.line = line
        self.message = message
        self.advice = advice
    }

    /// `file:line: message`, as compilers write it.
    public var place: String {
        line.map { "\(source):\($0): \(message)" } ?? "\(source): \(message)"
    }

    /// ``place``, and what to do next.
    public var description: String { advice.map { "\(place); next: \($0)" } ?? place }
}
