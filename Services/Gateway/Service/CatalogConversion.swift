public import RPC
import ServiceAPI
public import Storage
import Wire

extension ItemDraft {
    /// What the catalog stores of an item on the wire; no state means active.
    init(_ item: CatalogItem) {
        self.init(
            id: item.id, title: item.title,
            attributes: item.attributes.map { ItemAttribute(key: $0.key, value: $0.value) },
            isHidden: item.state == .hidden, expiresAtSeconds: item.expiresAtSeconds)
    }
}

extension StoredItem {
    /// The item on the wire.
    var catalogItem: CatalogItem {
        CatalogItem(
            id: id, title: title,
            attributes: attributes.map { KeyValue(key: $0.key, value: $0.value) },
            state: isHidden ? .hidden : .active, expiresAtSeconds: expiresAtSeconds,
            version: version)
    }
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
