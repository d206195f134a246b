/// Why a release cannot be measured.
public struct EvaluationFailure: Error, CustomStringConvertible {
    /// What is wrong, and what to do next.
    public let description: String

    /// Makes a failure.
    public init(_ description: String) { self.description = description }
}
