/// Why work on the database failed: a code, a message without people's data, and details.
public struct PostgresError: Error, Sendable {
    /// What the caller can do about an error; the callers' status codes are chosen by it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The server cannot be reached, is starting or stopping, or the connection was lost.
        case unavailable
        /// The call's deadline passed; the statement was cancelled.
        case deadlineExceeded
        /// The task that called was cancelled; the statement was cancelled.
        case cancelled
        /// A bounded queue is full: the pool's waiters, or the server's own limits.
        case resourceExhausted
        /// Another transaction was in the way, or a unique key exists already.
        case conflict
        /// The server refused the values: type, range, encoding or constraint.
        case invalid
        /// The role may not do this, or could not log in.
        case permissionDenied
        /// The server or its schema is not what this program needs.
        case unsupported
        /// The connection was lost during COMMIT: the transaction may or may not have happened.
        case outcomeUnknown
        /// A defect here: a wrong statement, a column read as another type.
        case internalError
    }

    /// The kind and, where the server answered, its SQLSTATE.
    public struct Code: Sendable, Hashable {
        /// What the caller can do about it.
        public let kind: Kind
        /// The five characters of PostgreSQL's appendix A, if the server answered.
        public let sqlState: String?

        /// Makes a code.
        public init(_ kind: Kind, sqlState: String? = nil) {
            self.kind = kind
            self.sqlState = sqlState
        }
    }

    /// The kind and SQLSTATE.
    public var code: Code
    /// What failed and what to do next; safe for logs.
    public var message: String
    /// The server's own words, which may quote values: never for logs or status messages.
    public var details: String?
    /// The error beneath, if there is one.
    public var cause: (any Error)?

    /// Makes an error.
    public init(
        _ kind: Kind, _ message: String, sqlState: String? = nil, details: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = Code(kind, sqlState: sqlState)
        self.message = message
        self.details = details
        self.cause = cause
    }

    /// When the system refuses a thread, with its error number.
    static func noThread(errno: Int32) -> PostgresError {
        PostgresError(
            .resourceExhausted, "no thread left for a database connection (errno \(errno))")
    }

    /// The kind, for the common `switch`.
    public var kind: Kind { code.kind }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Kind, SQLSTATE and message; details and cause are withheld, so that logs hold no data.
    public var description: String {
        let state = code.sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return "\(code.kind.rawValue)\(state): \(message)"
    }

    /// Everything, the server's words included: for a developer's eyes only.
    public var debugDescription: String {
        var text = description
        if let details { text += " [\(details)]" }
        if let cause { text += " caused by \(cause)" }
        return text
    }
}

extension PostgresError.Kind {
    /// The kind of a SQLSTATE (PostgreSQL's documentation, appendix A).
    init(sqlState: String) {
        switch sqlState {
        case "57014": self = .cancelled
        case "57P01", "57P02", "57P03", "57P05": self = .unavailable
        case "25006": self = .unavailable
        case "40001", "40P01", "55P03", "23505", "23P01": self = .conflict
        case "28000", "28P01", "42501", "0LP01": self = .permissionDenied
        case "3D000", "0A000", "3F000", "42P01", "42703", "42883": self = .unsupported
        default:
            switch sqlState.prefix(2) {
            case "08": self = .unavailable
            case "53", "54": self = .resourceExhausted
            case "22", "23": self = .invalid
            case "40": self = .conflict
            case "58": self = .unavailable
            default: self = .internalError
            }
        }
    }
}
