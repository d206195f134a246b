import CMessages
public import Domain

/// Asks for user states.
public struct EncodeRequest: WireMessage {
    /// A release's name; empty is the active one.
    public var release: String
    /// The sequences to encode.
    public var sequences: [ItemSequence]

    /// Makes the message; every field has its proto default.
    public init(release: String = "", sequences: [ItemSequence] = []) {
        self.release = release
        self.sequences = sequences
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<EncodeRequest> { .protobuf }
}

extension EncodeRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__EncodeRequest>?) -> Void {
        llara__v1__encode_request__init
    }

    init(_ c: Llara__V1__EncodeRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            sequences: try Checked.list(
                "sequences", c.sequences, c.n_sequences, limit: WireLimits.maximumSequences))
    }

    func fill(_ c: inout Llara__V1__EncodeRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        (c.n_sequences, c.sequences) = arena.list(sequences)
    }
}

/// User states, one row a sequence.
public struct EncodeResponse: WireMessage {
    /// The release that encoded.
    public var release: String
    /// Sequences x d; an empty sequence has the state of no history.
    public var states: FloatTensor

    /// Makes the message; every field has its proto default.
    public init(release: String = "", states: FloatTensor = .empty) {
        self.release = release
        self.states = states
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<EncodeResponse> { .protobuf }

    /// Attachment 0: ``states``.
    public var attachments: [FloatTensor] { [states] }
}

extension EncodeResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__EncodeResponse>?) -> Void {
        llara__v1__encode_response__init
    }

    init(_ c: Llara__V1__EncodeResponse) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release))
    }

    func fill(_ c: inout Llara__V1__EncodeResponse, _ arena: EncodingArena) {
        c.release = arena.string(release)
    }

    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        states = try Checked.tensor(attachments)
    }
}

/// Asks for candidates of one sequence, or for the scores of given ones.
public struct RetrieveRequest: WireMessage {
    /// A release's name; empty is the active one.
    public var release: String
    /// The history; absent is empty.
    public var sequence: ItemSequence?
    /// How many of the vocabulary's best; ignored when candidates are given.
    public var count: Int
    /// Items that must not be retrieved.
    public var excludedItemIDs: [String]
    /// Score just these, in this order.
    public var candidateItemIDs: [String]
    /// Skip so many of the best, to go on where an earlier answer ended.
    public var offset: Int

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", sequence: ItemSequence? = nil, count: Int = 0,
        excludedItemIDs: [String] = [], candidateItemIDs: [String] = [], offset: Int = 0
    ) {
        self.release = release
        self.sequence = sequence
        self.count = count
        self.excludedItemIDs = excludedItemIDs
        self.candidateItemIDs = candidateItemIDs
        self.offset = offset
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RetrieveRequest> { .protobuf }
}

extension RetrieveRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RetrieveRequest>?) -> Void {
        llara__v1__retrieve_request__init
    }

    init(_ c: Llara__V1__RetrieveRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            sequence: try Checked.optional("sequence", c.sequence),
            count: Int(c.count),
            excludedItemIDs: try Checked.identifiers(
                "excluded_item_ids", c.excluded_item_ids, c.n_excluded_item_ids,
                limit: WireLimits.maximumListCount),
            candidateItemIDs: try Checked.identifiers(
                "candidate_item_ids", c.candidate_item_ids, c.n_candidate_item_ids,
                limit: WireLimits.maximumScoredItems), offset: Int(c.offset))
    }

    func fill(_ c: inout Llara__V1__RetrieveRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.sequence = arena.optional(sequence)
        c.count = UInt32(clamping: count)
        (c.n_excluded_item_ids, c.excluded_item_ids) = arena.strings(excludedItemIDs)
        (c.n_candidate_item_ids, c.candidate_item_ids) = arena.strings(candidateItemIDs)
        c.offset = UInt32(clamping: offset)
    }
}

/// An item with the encoder's score (proto `ScoredItem`).
public struct RetrievedItem: WireMessage {
    /// The item's id.
    public var itemID: String
    /// Greater is better; of the release's own scale.
    public var score: Float
    /// The release has no row for it: the score is the median of the request.
    public var notInRelease: Bool

    /// Makes the message; every field has its proto default.
    public init(itemID: String = "", score: Float = 0, notInRelease: Bool = false) {
        self.itemID = itemID
        self.score = score
        self.notInRelease = notInRelease
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RetrievedItem> { .protobuf }
}

extension RetrievedItem: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ScoredItem>?) -> Void {
        llara__v1__scored_item__init
    }

    init(_ c: Llara__V1__ScoredItem) throws(WireError) {
        self.init(
            itemID: try Checked.identifier("item_id", c.item_id),
            score: c.score,
            notInRelease: c.not_in_release != 0)
    }

    func fill(_ c: inout Llara__V1__ScoredItem, _ arena: EncodingArena) {
        c.item_id = arena.string(itemID)
        c.score = score
        c.not_in_release = notInRelease ? 1 : 0
    }
}

/// Scored items of one sequence.
public struct RetrieveResponse: WireMessage {
    /// The release that scored.
    public var release: String
    /// Best first and ties by id if retrieved; in the order given if given.
    public var items: [RetrievedItem]
    /// History items that the release knows; at 0 the scores say nothing of the user.
    public var knownHistoryCount: Int

    /// Makes the message; every field has its proto default.
    public init(release: String = "", items: [RetrievedItem] = [], knownHistoryCount: Int = 0) {
        self.release = release
        self.items = items
        self.knownHistoryCount = knownHistoryCount
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RetrieveResponse> { .protobuf }
}

extension RetrieveResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RetrieveResponse>?) -> Void {
        llara__v1__retrieve_response__init
    }

    init(_ c: Llara__V1__RetrieveResponse) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            items: try Checked.list(
                "items", c.items, c.n_items, limit: WireLimits.maximumListCount),
            knownHistoryCount: Int(c.known_history_count))
    }

    func fill(_ c: inout Llara__V1__RetrieveResponse, _ arena: EncodingArena) {
        c.release = arena.string(release)
        (c.n_items, c.items) = arena.list(items)
        c.known_history_count = UInt32(clamping: knownHistoryCount)
    }
}

/// Asks for item rows, the projector's input.
public struct ItemRowsRequest: WireMessage {
    /// A release's name; empty is the active one.
    public var release: String
    /// The items.
    public var itemIDs: [String]

    /// Makes the message; every field has its proto default.
    public init(release: String = "", itemIDs: [String] = []) {
        self.release = release
        self.itemIDs = itemIDs
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ItemRowsRequest> { .protobuf }
}

extension ItemRowsRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ItemRowsRequest>?) -> Void {
        llara__v1__item_rows_request__init
    }

    init(_ c: Llara__V1__ItemRowsRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            itemIDs: try Checked.identifiers(
                "item_ids", c.item_ids, c.n_item_ids, limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__ItemRowsRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        (c.n_item_ids, c.item_ids) = arena.strings(itemIDs)
    }
}

/// Item rows of a release.
public struct ItemRowsResponse: WireMessage {
    /// The release whose rows they are.
    public var release: String
    /// The items that the release knows, in the order asked.
    public var itemIDs: [String]
    /// The items that it does not know.
    public var notInReleaseIDs: [String]
    /// Known items x d, in the order of the ids.
    public var rows: FloatTensor

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", itemIDs: [String] = [], notInReleaseIDs: [String] = [],
        rows: FloatTensor = .empty
    ) {
        self.release = release
        self.itemIDs = itemIDs
        self.notInReleaseIDs = notInReleaseIDs
        self.rows = rows
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ItemRowsResponse> { .protobuf }

    /// Attachment 0: ``rows``.
    public var attachments: [FloatTensor] { [rows] }
}

extension ItemRowsResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ItemRowsResponse>?) -> Void {
        llara__v1__item_rows_response__init
    }

    init(_ c: Llara__V1__ItemRowsResponse) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            itemIDs: try Checked.identifiers(
                "item_ids", c.item_ids, c.n_item_ids, limit: WireLimits.maximumListCount),
            notInReleaseIDs: try Checked.identifiers(
                "not_in_release_ids", c.not_in_release_ids, c.n_not_in_release_ids,
                limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__ItemRowsResponse, _ arena: EncodingArena) {
        c.release = arena.string(release)
        (c.n_item_ids, c.item_ids) = arena.strings(itemIDs)
        (c.n_not_in_release_ids, c.not_in_release_ids) = arena.strings(notInReleaseIDs)
    }

    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        rows = try Checked.tensor(attachments)
    }
}
