/// A computation that was refused or failed.
public struct ComputeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: String, Sendable, Hashable {
        /// A vector has another width than the network's.
        case wrongDimension
        /// A value is NaN or infinite.
        case notFinite
        /// A sequence has no item, so that there is no state.
        case emptySequence
        /// An item index lies outside the table.
        case indexOutOfRange
        /// The network has no projection of that role.
        case unknownRole
        /// As many computations wait as may.
        case queueFull
        /// The deadline passed before the computation began.
        case deadlinePassed
        /// The task was cancelled before the computation began.
        case cancelled
        /// ggml could not allocate or compute.
        case engine
    }

    /// What kind of fault it is.
    public let code: Code
    /// What is wrong, in one sentence with the place of the fault.
    public let message: String

    /// Makes an error.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// What to do next.
    public var advice: String {
        switch code {
        case .wrongDimension, .notFinite: "send vectors of the same release"
        case .emptySequence: "leave the sequence out"
        case .indexOutOfRange: "look indices up in the release's vocabulary"
        case .unknownRole: "ask for one of the roles that the network names"
        case .queueFull: "call another replica, or again later"
        case .deadlinePassed: "allow more time, or send less to one replica"
        case .cancelled: "call again if the result is needed after all"
        case .engine: "check free memory"
        }
    }

    /// `message; advice`.
    public var description: String { "\(message); \(advice)" }
}
