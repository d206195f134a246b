/// Why libtorch could not do what was asked.
public struct TorchError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    public enum Code: Sendable, Hashable {
        /// No library, or one that cannot be opened or has another table: training is impossible.
        case unavailable
        /// An argument that no library would accept.
        case badArgument
        /// libtorch refused: shapes, element types, devices.
        case failed
        /// No memory left on the host or the device.
        case outOfMemory
        /// This build of torch lacks the device or type.
        case unsupported
    }

    /// What kind of failure it is.
    public let code: Code
    /// The operation that failed and libtorch's own words.
    public let message: String

    /// Makes an error.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message, which says what to do next where something can be done.
    public var description: String { message }
}
