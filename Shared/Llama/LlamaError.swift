internal import RankerCore

/// Why the engine did not load or did not score.
public struct LlamaError: Error, Sendable {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The name, for logs.
        public let description: String

        /// A file cannot be read or is not what llama.cpp loads.
        public static let unreadable = Code(description: "unreadable")
        /// The model is not the one asked for, or cannot be ranked with.
        public static let incompatible = Code(description: "incompatible")
        /// The request is wrong; ``LlamaError/field`` says where.
        public static let invalidArgument = Code(description: "invalid argument")
        /// No adapter has this name.
        public static let notFound = Code(description: "not found")
        /// Too many requests or tokens wait, or no memory or thread is left.
        public static let resourceExhausted = Code(description: "resource exhausted")
        /// The deadline passed before the prompt was read.
        public static let deadlineExceeded = Code(description: "deadline exceeded")
        /// The engine is shutting down.
        public static let unavailable = Code(description: "unavailable")
        /// The engine failed; the next request starts afresh.
        public static let engine = Code(description: "engine failure")
    }

    /// The kind.
    public var code: Code
    /// What went wrong and what to do next; without ids, titles or prompts.
    public var message: String
    /// Path of the request's field at fault, if one is.
    public var field: String?
    /// What lay behind it.
    public var cause: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, field: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.field = field
        self.cause = cause
    }

    init(_ fault: RankFault) {
        self.init(.invalidArgument, fault.message, field: fault.field, cause: fault)
    }
}

extension LlamaError: CustomStringConvertible {
    /// Code, field at fault and message.
    public var description: String { "\(code): \(field.map { "\($0) " } ?? "")\(message)" }
}
