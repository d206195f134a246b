/// Why a release cannot be measured.
public struct EvaluationFailure: Error, CustomStringConvertible {
    /// What is wrong.
    public let message: String
    /// What to do next.
    public let advice: String

    /// Makes a failure.
    public init(_ message: String, next advice: String) {
        self.message = message
        self.advice = advice
    }

    /// Both in one line.
    public var description: String { "\(message); next: \(advice)" }
}
