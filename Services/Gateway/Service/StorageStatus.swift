public import RPC
import ServiceAPI
public import Storage

extension StorageError {
    /// Too little time or room for a reading that an answer can do without.
    var isShortage: Bool { code == .deadlineExceeded || code == .resourceExhausted }
}

extension StorageError: RPCErrorConvertible {
    /// The status of a failed catalog call; ids go into the details, never into the message.
    public var rpcError: RPCError {
        RPCError(
            code: statusCode, message: message,
            details: details.map { detail in
                let value = detail.value.map { ": \($0)" } ?? ""
                return .fieldViolation(field: detail.field, message: detail.problem + value)
            }, cause: self)
    }

    /// The code of the status.
    ///
    /// A version that is not the stored one is ABORTED: read again, decide, write again. A key that
    /// was used for another request is INVALID_ARGUMENT: no repetition helps.
    private var statusCode: RPCError.Code {
        switch code {
        case .invalidArgument: .invalidArgument
        case .notFound: .notFound
        case .alreadyExists: .alreadyExists
        case .conflict: .aborted
        case .failedPrecondition: .failedPrecondition
        case .permissionDenied: .permissionDenied
        case .resourceExhausted: .resourceExhausted
        case .deadlineExceeded: .deadlineExceeded
        case .cancelled: .cancelled
        case .unavailable: .unavailable
        case .outcomeUnknown: .unknown
        default: .internalError
        }
    }
}
