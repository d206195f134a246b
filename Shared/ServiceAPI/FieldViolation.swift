public import RPC
public import Wire

extension RPCError.Detail {
    /// The type of a detail that names a field of the request.
    public static let fieldViolationType = "field-violation"

    /// The field's path and what is wrong: `sequence.items[3].item_id: is empty` in UTF-8.
    public static func fieldViolation(_ error: WireError) -> RPCError.Detail {
        fieldViolation(field: error.field, message: error.message)
    }

    /// The same for a field that a handler refuses.
    public static func fieldViolation(field: String, message: String) -> RPCError.Detail {
        RPCError.Detail(type: fieldViolationType, value: Array("\(field): \(message)".utf8))
    }
}
