import CMessages
public import Domain

/// A key with its value: an attribute of an item, or a fact about a request's situation.
public struct KeyValue: WireMessage {
    /// The key; not empty.
    public var key: String
    /// The value.
    public var value: String

    /// Makes the message; every field has its proto default.
    public init(key: String = "", value: String = "") {
        self.key = key
        self.value = value
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<KeyValue> { .protobuf }
}

extension KeyValue: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__KeyValue>?) -> Void {
        llara__v1__key_value__init
    }

    init(_ c: Llara__V1__KeyValue) throws(WireError) {
        self.init(
            key: try Checked.identifier("key", c.key),
            value: try Checked.title("value", c.value))
    }

    func fill(_ c: inout Llara__V1__KeyValue, _ arena: EncodingArena) {
        c.key = arena.string(key)
        c.value = arena.string(value)
    }
}

/// An item of the catalog (proto `Item`).
public struct CatalogItem: WireMessage {
    /// The catalog owner's own id; not empty.
    public var id: String
    /// The title as it stands in prompts.
    public var title: String
    /// Whatever else the owner knows, such as the year or a genre.
    public var attributes: [KeyValue]
    /// Whether answers may hold it; an absent state reads as active.
    public var state: ItemState
    /// Unix time in seconds from which answers no longer hold it; 0 is never.
    public var expiresAtSeconds: Int64
    /// Catalog version of the last change; set by the server.
    public var version: UInt64

    /// Makes the message; every field has its proto default.
    public init(
        id: String = "", title: String = "", attributes: [KeyValue] = [],
        state: ItemState = .active, expiresAtSeconds: Int64 = 0, version: UInt64 = 0
    ) {
        self.id = id
        self.title = title
        self.attributes = attributes
        self.state = state
        self.expiresAtSeconds = expiresAtSeconds
        self.version = version
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<CatalogItem> { .protobuf }
}

extension CatalogItem: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Item>?) -> Void {
        llara__v1__item__init
    }

    init(_ c: Llara__V1__Item) throws(WireError) {
        self.init(
            id: try Checked.identifier("id", c.id),
            title: try Checked.title("title", c.title),
            attributes: try Checked.list(
                "attributes", c.attributes, c.n_attributes, limit: WireLimits.maximumKeyValues),
            state: try ItemState(field: "state", c.state),
            expiresAtSeconds: c.expires_at_seconds,
            version: c.version)
    }

    func fill(_ c: inout Llara__V1__Item, _ arena: EncodingArena) {
        c.id = arena.string(id)
        c.title = arena.string(title)
        (c.n_attributes, c.attributes) = arena.list(attributes)
        c.state = .of(state)
        c.expires_at_seconds = expiresAtSeconds
        c.version = version
    }
}

/// A user's interactions, oldest first (proto `Sequence`).
public struct ItemSequence: WireMessage {
    /// The interactions.
    public var items: [HistoryItem]

    /// Makes the message; every field has its proto default.
    public init(items: [HistoryItem] = []) {
        self.items = items
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ItemSequence> { .protobuf }
}

extension ItemSequence: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Sequence>?) -> Void {
        llara__v1__sequence__init
    }

    init(_ c: Llara__V1__Sequence) throws(WireError) {
        self.init(
            items: try Checked.list("items", c.items, c.n_items, limit: WireLimits.maximumHistory))
    }

    func fill(_ c: inout Llara__V1__Sequence, _ arena: EncodingArena) {
        (c.n_items, c.items) = arena.list(items)
    }
}

/// The situation of a request (proto `Context`).
public struct RequestContext: WireMessage {
    /// Unix time in seconds; 0 is now.
    public var timeSeconds: Int64
    /// Whatever the backend knows.
    public var values: [KeyValue]

    /// Makes the message; every field has its proto default.
    public init(timeSeconds: Int64 = 0, values: [KeyValue] = []) {
        self.timeSeconds = timeSeconds
        self.values = values
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RequestContext> { .protobuf }
}

extension RequestContext: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Context>?) -> Void {
        llara__v1__context__init
    }

    init(_ c: Llara__V1__Context) throws(WireError) {
        self.init(
            timeSeconds: c.time_seconds,
            values: try Checked.list(
                "values", c.values, c.n_values, limit: WireLimits.maximumKeyValues))
    }

    func fill(_ c: inout Llara__V1__Context, _ arena: EncodingArena) {
        c.time_seconds = timeSeconds
        (c.n_values, c.values) = arena.list(values)
    }
}

/// A named LoRA adapter of a release.
public struct Adapter: WireMessage {
    /// Its name in the release.
    public var name: String
    /// SHA-256 of its file.
    public var sha256: [UInt8]

    /// Makes the message; every field has its proto default.
    public init(name: String = "", sha256: [UInt8] = []) {
        self.name = name
        self.sha256 = sha256
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<Adapter> { .protobuf }
}

extension Adapter: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Adapter>?) -> Void {
        llara__v1__adapter__init
    }

    init(_ c: Llara__V1__Adapter) throws(WireError) {
        self.init(
            name: try Checked.identifier("name", c.name),
            sha256: try Checked.hash("sha256", c.sha256))
    }

    func fill(_ c: inout Llara__V1__Adapter, _ arena: EncodingArena) {
        c.name = arena.string(name)
        c.sha256 = arena.bytes(sha256)
    }
}

/// What a replica serves of one release.
public struct ReleaseDescription: WireMessage {
    /// The release's name.
    public var name: String
    /// SHA-256 of manifest.json: the identity of a release.
    public var manifestSHA256: [UInt8]
    /// What items look like in the release's prompts.
    public var representation: Representation?
    /// Floats of an item row.
    public var rowDimension: Int
    /// Floats of the LLM's input space.
    public var embeddingDimension: Int
    /// Items of the release's vocabulary.
    public var itemCount: Int
    /// The LLM's name, empty where the service has none.
    public var llm: String
    /// SHA-256 of the LLM's file.
    public var llmSHA256: [UInt8]
    /// The release's LoRA adapters.
    public var adapters: [Adapter]
    /// The sequential recommender: "sasrec", "gru4rec" or "caser".
    public var encoderArchitecture: String

    /// Makes the message; every field has its proto default.
    public init(
        name: String = "", manifestSHA256: [UInt8] = [], representation: Representation? = nil,
        rowDimension: Int = 0, embeddingDimension: Int = 0, itemCount: Int = 0, llm: String = "",
        llmSHA256: [UInt8] = [], adapters: [Adapter] = [], encoderArchitecture: String = ""
    ) {
        self.name = name
        self.manifestSHA256 = manifestSHA256
        self.representation = representation
        self.rowDimension = rowDimension
        self.embeddingDimension = embeddingDimension
        self.itemCount = itemCount
        self.llm = llm
        self.llmSHA256 = llmSHA256
        self.adapters = adapters
        self.encoderArchitecture = encoderArchitecture
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ReleaseDescription> { .protobuf }
}

extension ReleaseDescription: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ReleaseDescription>?) -> Void {
        llara__v1__release_description__init
    }

    init(_ c: Llara__V1__ReleaseDescription) throws(WireError) {
        self.init(
            name: try Checked.name("name", c.name),
            manifestSHA256: try Checked.hash("manifest_sha256", c.manifest_sha256),
            representation: try Checked.representation("representation", c.representation),
            rowDimension: Int(c.row_dimension),
            embeddingDimension: Int(c.embedding_dimension),
            itemCount: Int(c.item_count),
            llm: try Checked.name("llm", c.llm),
            llmSHA256: try Checked.hash("llm_sha256", c.llm_sha256),
            adapters: try Checked.list(
                "adapters", c.adapters, c.n_adapters, limit: WireLimits.maximumDescriptions),
            encoderArchitecture: try Checked.name("encoder_architecture", c.encoder_architecture))
    }

    func fill(_ c: inout Llara__V1__ReleaseDescription, _ arena: EncodingArena) {
        c.name = arena.string(name)
        c.manifest_sha256 = arena.bytes(manifestSHA256)
        c.representation = .of(representation)
        c.row_dimension = UInt32(clamping: rowDimension)
        c.embedding_dimension = UInt32(clamping: embeddingDimension)
        c.item_count = UInt32(clamping: itemCount)
        c.llm = arena.string(llm)
        c.llm_sha256 = arena.bytes(llmSHA256)
        (c.n_adapters, c.adapters) = arena.list(adapters)
        c.encoder_architecture = arena.string(encoderArchitecture)
    }
}

/// Asks a replica what it serves.
public struct DescribeRequest: WireMessage {
    /// A release's name; empty is every release served, the active one first.
    public var release: String

    /// Makes the message; every field has its proto default.
    public init(release: String = "") {
        self.release = release
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<DescribeRequest> { .protobuf }
}

extension DescribeRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__DescribeRequest>?) -> Void {
        llara__v1__describe_request__init
    }

    init(_ c: Llara__V1__DescribeRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release))
    }

    func fill(_ c: inout Llara__V1__DescribeRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
    }
}

/// The releases that a replica serves.
public struct DescribeResponse: WireMessage {
    /// One description a release.
    public var releases: [ReleaseDescription]

    /// Makes the message; every field has its proto default.
    public init(releases: [ReleaseDescription] = []) {
        self.releases = releases
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<DescribeResponse> { .protobuf }
}

extension DescribeResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__DescribeResponse>?) -> Void {
        llara__v1__describe_response__init
    }

    init(_ c: Llara__V1__DescribeResponse) throws(WireError) {
        self.init(
            releases: try Checked.list(
                "releases", c.releases, c.n_releases, limit: WireLimits.maximumDescriptions))
    }

    func fill(_ c: inout Llara__V1__DescribeResponse, _ arena: EncodingArena) {
        (c.n_releases, c.releases) = arena.list(releases)
    }
}
