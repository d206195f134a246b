/// A message that cannot be read: which field, and what is wrong with it.
///
/// Holds no value of a field: ids and titles are people's data.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The path by proto names, `sequence.items[3].item_id`; empty for the whole body.
    public var field: String
    /// What is wrong, as a predicate: "is not UTF-8".
    public var message: String

    /// Makes an error.
    public init(field: String, message: String) {
        self.field = field
        self.message = message
    }

    /// The path and the predicate in one line.
    public var description: String { "\(field.isEmpty ? "the message" : field) \(message)" }

    /// The same error, seen from the message that holds `outer`.
    func inside(_ outer: @autoclosure () -> String) -> WireError {
        WireError(field: field.isEmpty ? outer() : "\(outer()).\(field)", message: message)
    }
}
