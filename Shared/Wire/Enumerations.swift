import CMessages
import Domain

/// Whether answers may hold an item.
public enum ItemState: String, Sendable, Hashable, CaseIterable {
    /// They may.
    case active
    /// The owner keeps it from answers without deleting it.
    case hidden
}

/// Whether a service is ready, by the semantics of grpc.health.v1.
public enum ServingStatus: String, Sendable, Hashable, CaseIterable {
    /// Not known yet.
    case unknown
    /// It answers calls.
    case serving
    /// It starts, drains, or cannot work.
    case notServing
}

extension ItemState {
    /// An absent state is active.
    init(field: String, _ c: Llara__V1__ItemState) throws(WireError) {
        switch c {
        case LLARA__V1__ITEM_STATE__ITEM_STATE_UNSPECIFIED,
            LLARA__V1__ITEM_STATE__ITEM_STATE_ACTIVE:
            self = .active
        case LLARA__V1__ITEM_STATE__ITEM_STATE_HIDDEN: self = .hidden
        default: throw Checked.unknownEnumValue(field)
        }
    }

    var c: Llara__V1__ItemState {
        switch self {
        case .active: LLARA__V1__ITEM_STATE__ITEM_STATE_ACTIVE
        case .hidden: LLARA__V1__ITEM_STATE__ITEM_STATE_HIDDEN
        }
    }
}

extension ServingStatus {
    init(field: String, _ c: Llara__V1__ServingStatus) throws(WireError) {
        switch c {
        case LLARA__V1__SERVING_STATUS__SERVING_STATUS_UNKNOWN: self = .unknown
        case LLARA__V1__SERVING_STATUS__SERVING_STATUS_SERVING: self = .serving
        case LLARA__V1__SERVING_STATUS__SERVING_STATUS_NOT_SERVING: self = .notServing
        default: throw Checked.unknownEnumValue(field)
        }
    }

    var c: Llara__V1__ServingStatus {
        switch self {
        case .unknown: LLARA__V1__SERVING_STATUS__SERVING_STATUS_UNKNOWN
        case .serving: LLARA__V1__SERVING_STATUS__SERVING_STATUS_SERVING
        case .notServing: LLARA__V1__SERVING_STATUS__SERVING_STATUS_NOT_SERVING
        }
    }
}

extension Llara__V1__Representation {
    static func of(_ representation: Representation?) -> Llara__V1__Representation {
        switch representation {
        case nil: LLARA__V1__REPRESENTATION__REPRESENTATION_UNSPECIFIED
        case .text: LLARA__V1__REPRESENTATION__REPRESENTATION_TEXT
        case .behavioural: LLARA__V1__REPRESENTATION__REPRESENTATION_BEHAVIOURAL
        case .hybrid: LLARA__V1__REPRESENTATION__REPRESENTATION_HYBRID
        case .index: LLARA__V1__REPRESENTATION__REPRESENTATION_INDEX
        }
    }
}

extension Checked {
    /// Nil for unspecified.
    static func representation(
        _ field: String, _ c: Llara__V1__Representation
    ) throws(WireError) -> Representation? {
        switch c {
        case LLARA__V1__REPRESENTATION__REPRESENTATION_UNSPECIFIED: return nil
        case LLARA__V1__REPRESENTATION__REPRESENTATION_TEXT: return .text
        case LLARA__V1__REPRESENTATION__REPRESENTATION_BEHAVIOURAL: return .behavioural
        case LLARA__V1__REPRESENTATION__REPRESENTATION_HYBRID: return .hybrid
        case LLARA__V1__REPRESENTATION__REPRESENTATION_INDEX: return .index
        default: throw unknownEnumValue(field)
        }
    }

    /// A value of a newer peer, or of none.
    static func unknownEnumValue(_ field: String) -> WireError {
        WireError(field: field, message: "has a value that this version does not know")
    }
}
