/// Why a request cannot be ranked, whatever the state of the service.
public struct RankFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Path of the field that is wrong: `prompt[3].vectors`.
    public let field: String
    /// What is wrong with it and what would be right; without ids or titles.
    public let message: String

    /// Names a field and its fault.
    public init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }

    /// Field and message.
    public var description: String { "\(field) \(message)" }
}
