public import Postgres

/// Why a catalog call failed: a code, a message free of people's data, details that may name ids.
public struct StorageError: Error, Sendable {
    /// What the caller can do about it.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name.
        public let description: String

        private init(_ name: String) { description = name }

        /// A value breaks a limit or rule; the details name the fields.
        public static let invalidArgument = Code("invalidArgument")
        /// An item, user or release that was named does not exist; the details name it.
        public static let notFound = Code("notFound")
        /// The name is taken by something else.
        public static let alreadyExists = Code("alreadyExists")
        /// Another write was in the way: try again.
        public static let conflict = Code("conflict")
        /// The schema is not what this program needs: migrate, or use a newer program.
        public static let failedPrecondition = Code("failedPrecondition")
        /// The role may not do this.
        public static let permissionDenied = Code("permissionDenied")
        /// A queue or result is at its limit.
        public static let resourceExhausted = Code("resourceExhausted")
        /// The call's deadline passed.
        public static let deadlineExceeded = Code("deadlineExceeded")
        /// The calling task was cancelled.
        public static let cancelled = Code("cancelled")
        /// The database cannot be reached.
        public static let unavailable = Code("unavailable")
        /// The connection was lost during a commit: the write may or may not have happened.
        public static let outcomeUnknown = Code("outcomeUnknown")
        /// A defect here.
        public static let internalError = Code("internalError")
    }

    /// One field of the request and what is wrong with it.
    public struct FieldDetail: Sendable, Hashable {
        /// Where, such as `items[3].id`.
        public var field: String
        /// What is wrong.
        public var problem: String
        /// The offending value, where it helps; may be an id, so never for logs.
        public var value: String?

        /// Makes a detail.
        public init(field: String, problem: String, value: String? = nil) {
            self.field = field
            self.problem = problem
            self.value = value
        }
    }

    /// What the caller can do about it.
    public var code: Code
    /// What failed and what to do next; safe for logs.
    public var message: String
    /// The fields at fault.
    public var details: [FieldDetail]
    /// The error beneath, if there is one.
    public var cause: (any Error)?

    /// Makes an error.
    public init(
        _ code: Code, _ message: String, details: [FieldDetail] = [], cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.cause = cause
    }

    /// An invalid field.
    static func invalid(_ field: String, _ problem: String, value: String? = nil) -> StorageError {
        StorageError(
            .invalidArgument, "\(field) \(problem)",
            details: [FieldDetail(field: field, problem: problem, value: value)])
    }

    /// The same failure in this ring's words.
    public init(_ error: PostgresError) {
        let code: Code =
            switch error.kind {
            case .unavailable: .unavailable
            case .deadlineExceeded: .deadlineExceeded
            case .cancelled: .cancelled
            case .resourceExhausted: .resourceExhausted
            case .conflict: .conflict
            case .invalid: .invalidArgument
            case .permissionDenied: .permissionDenied
            case .unsupported: .failedPrecondition
            case .outcomeUnknown: .outcomeUnknown
            case .internalError: .internalError
            }
        let hint = error.kind == .unsupported ? "; is the schema migrated?" : ""
        self.init(code, error.message + hint, cause: error)
    }
}

extension StorageError: CustomStringConvertible {
    /// Code and message; details and cause are withheld, so that logs hold no data.
    public var description: String { "\(code): \(message)" }
}
