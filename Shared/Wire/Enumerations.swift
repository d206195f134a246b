import CMessages
import Domain

/// Whether answers may hold an item.
public enum ItemState: String, Sendable, Hashable, CaseIterable {
    /// They may.
    case active
    /// The owner keeps it from answers without deleting it.
    case hidden
}

/// Why a generated text ends.
public enum FinishReason: String, Sendable, Hashable, CaseIterable {
    /// A newline or the LLM's end of text: what training puts after a title.
    case stop
    /// As many tokens as were asked for.
    case maximumTokenCount
    /// A candidate is complete.
    case candidate
    /// The call's time is over.
    case deadline
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
        self = try Checked.itemState(field, c) ?? .active
    }
}

extension Llara__V1__ItemState {
    static func of(_ state: ItemState?) -> Llara__V1__ItemState {
        switch state {
        case nil: LLARA__V1__ITEM_STATE__ITEM_STATE_UNSPECIFIED
        case .active: LLARA__V1__ITEM_STATE__ITEM_STATE_ACTIVE
        case .hidden: LLARA__V1__ITEM_STATE__ITEM_STATE_HIDDEN
        }
    }
}

extension Llara__V1__FinishReason {
    static func of(_ reason: FinishReason?) -> Llara__V1__FinishReason {
        switch reason {
        case nil: LLARA__V1__FINISH_REASON__FINISH_REASON_UNSPECIFIED
        case .stop: LLARA__V1__FINISH_REASON__FINISH_REASON_STOP
        case .maximumTokenCount:
            LLARA__V1__FINISH_REASON__FINISH_REASON_MAXIMUM_TOKEN_COUNT
        case .candidate: LLARA__V1__FINISH_REASON__FINISH_REASON_CANDIDATE
        case .deadline: LLARA__V1__FINISH_REASON__FINISH_REASON_DEADLINE
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

    /// Nil for unspecified.
    static func itemState(
        _ field: String, _ c: Llara__V1__ItemState
    ) throws(WireError) -> ItemState? {
        switch c {
        case LLARA__V1__ITEM_STATE__ITEM_STATE_UNSPECIFIED: return nil
        case LLARA__V1__ITEM_STATE__ITEM_STATE_ACTIVE: return .active
        case LLARA__V1__ITEM_STATE__ITEM_STATE_HIDDEN: return .hidden
        default: throw unknownEnumValue(field)
        }
    }

    /// Nil for unspecified: more is to come.
    static func finishReason(
        _ field: String, _ c: Llara__V1__FinishReason
    ) throws(WireError) -> FinishReason? {
        switch c {
        case LLARA__V1__FINISH_REASON__FINISH_REASON_UNSPECIFIED: return nil
        case LLARA__V1__FINISH_REASON__FINISH_REASON_STOP: return .stop
        case LLARA__V1__FINISH_REASON__FINISH_REASON_MAXIMUM_TOKEN_COUNT: return .maximumTokenCount
        case LLARA__V1__FINISH_REASON__FINISH_REASON_CANDIDATE: return .candidate
        case LLARA__V1__FINISH_REASON__FINISH_REASON_DEADLINE: return .deadline
        default: throw unknownEnumValue(field)
        }
    }

    /// A value of a newer peer, or of none.
    static func unknownEnumValue(_ field: String) -> WireError {
        WireError(field: field, message: "has a value that this version does not know")
    }
}
