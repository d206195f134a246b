import CMessages
public import Domain

/// Appends to a user's sequence.
public struct AppendInteractionsRequest: WireMessage {
    /// The user; made if unknown.
    public var userID: String
    /// The interactions, oldest first.
    public var items: [HistoryItem]
    /// The same key within a day answers what the first call answered; empty is none.
    public var idempotencyKey: String

    /// Makes the message; every field has its proto default.
    public init(userID: String = "", items: [HistoryItem] = [], idempotencyKey: String = "") {
        self.userID = userID
        self.items = items
        self.idempotencyKey = idempotencyKey
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<AppendInteractionsRequest> { .protobuf }
}

extension AppendInteractionsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__AppendInteractionsRequest>?) -> Void {
        llara__v1__append_interactions_request__init
    }

    init(_ c: Llara__V1__AppendInteractionsRequest) throws(WireError) {
        self.init(
            userID: try Checked.identifier("user_id", c.user_id),
            items: try Checked.list("items", c.items, c.n_items, limit: WireLimits.maximumHistory),
            idempotencyKey: try Checked.idempotencyKey("idempotency_key", c.idempotency_key))
    }

    func fill(_ c: inout Llara__V1__AppendInteractionsRequest, _ arena: EncodingArena) {
        c.user_id = arena.string(userID)
        (c.n_items, c.items) = arena.list(items)
        c.idempotency_key = arena.string(idempotencyKey)
    }
}

/// Asks for a user's stored sequence.
public struct GetUserRequest: WireMessage {
    /// The user.
    public var userID: String
    /// The newest so many interactions; 0 is 50.
    public var count: Int

    /// Makes the message; every field has its proto default.
    public init(userID: String = "", count: Int = 0) {
        self.userID = userID
        self.count = count
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<GetUserRequest> { .protobuf }
}

extension GetUserRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__GetUserRequest>?) -> Void {
        llara__v1__get_user_request__init
    }

    init(_ c: Llara__V1__GetUserRequest) throws(WireError) {
        self.init(
            userID: try Checked.identifier("user_id", c.user_id),
            count: Int(c.count))
    }

    func fill(_ c: inout Llara__V1__GetUserRequest, _ arena: EncodingArena) {
        c.user_id = arena.string(userID)
        c.count = UInt32(clamping: count)
    }
}

/// A stored interaction with its item's title.
public struct UserHistoryItem: WireMessage {
    /// The interaction.
    public var interaction: HistoryItem?
    /// The item's title, empty if the catalog no longer has it.
    public var title: String

    /// Makes the message; every field has its proto default.
    public init(interaction: HistoryItem? = nil, title: String = "") {
        self.interaction = interaction
        self.title = title
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<UserHistoryItem> { .protobuf }
}

extension UserHistoryItem: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__UserHistoryItem>?) -> Void {
        llara__v1__user_history_item__init
    }

    init(_ c: Llara__V1__UserHistoryItem) throws(WireError) {
        self.init(
            interaction: try Checked.optional("interaction", c.interaction),
            title: try Checked.title("title", c.title))
    }

    func fill(_ c: inout Llara__V1__UserHistoryItem, _ arena: EncodingArena) {
        c.interaction = arena.optional(interaction)
        c.title = arena.string(title)
    }
}

/// A user's stored sequence.
public struct GetUserResponse: WireMessage {
    /// The user.
    public var userID: String
    /// The newest interactions asked for, oldest first.
    public var history: [UserHistoryItem]
    /// All stored interactions of the user.
    public var interactionCount: UInt64

    /// Makes the message; every field has its proto default.
    public init(
        userID: String = "", history: [UserHistoryItem] = [], interactionCount: UInt64 = 0
    ) {
        self.userID = userID
        self.history = history
        self.interactionCount = interactionCount
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<GetUserResponse> { .protobuf }
}

extension GetUserResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__GetUserResponse>?) -> Void {
        llara__v1__get_user_response__init
    }

    init(_ c: Llara__V1__GetUserResponse) throws(WireError) {
        self.init(
            userID: try Checked.identifier("user_id", c.user_id),
            history: try Checked.list(
                "history", c.history, c.n_history, limit: WireLimits.maximumListCount),
            interactionCount: c.interaction_count)
    }

    func fill(_ c: inout Llara__V1__GetUserResponse, _ arena: EncodingArena) {
        c.user_id = arena.string(userID)
        (c.n_history, c.history) = arena.list(history)
        c.interaction_count = interactionCount
    }
}

/// Forgets a user: every interaction, and nothing of the user stays.
public struct DeleteUserRequest: WireMessage {
    /// The user.
    public var userID: String
    /// The same key within a day answers what the first call answered; empty is none.
    public var idempotencyKey: String

    /// Makes the message; every field has its proto default.
    public init(userID: String = "", idempotencyKey: String = "") {
        self.userID = userID
        self.idempotencyKey = idempotencyKey
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<DeleteUserRequest> { .protobuf }
}

extension DeleteUserRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__DeleteUserRequest>?) -> Void {
        llara__v1__delete_user_request__init
    }

    init(_ c: Llara__V1__DeleteUserRequest) throws(WireError) {
        self.init(
            userID: try Checked.identifier("user_id", c.user_id),
            idempotencyKey: try Checked.idempotencyKey("idempotency_key", c.idempotency_key))
    }

    func fill(_ c: inout Llara__V1__DeleteUserRequest, _ arena: EncodingArena) {
        c.user_id = arena.string(userID)
        c.idempotency_key = arena.string(idempotencyKey)
    }
}
