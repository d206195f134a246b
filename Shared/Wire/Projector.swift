import CMessages
public import Domain

/// Asks for behavioural tokens.
public struct ProjectRequest: WireMessage {
    /// A release's name; empty is the active one.
    public var release: String
    /// What the vectors are: "item" for item rows; each role has a projection of its own.
    public var role: String
    /// n x d.
    public var vectors: FloatTensor

    /// Makes the message; every field has its proto default.
    public init(release: String = "", role: String = "", vectors: FloatTensor = .empty) {
        self.release = release
        self.role = role
        self.vectors = vectors
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ProjectRequest> { .protobuf }

    /// Attachment 0: ``vectors``.
    public var attachments: [FloatTensor] { [vectors] }
}

extension ProjectRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ProjectRequest>?) -> Void {
        llara__v1__project_request__init
    }

    init(_ c: Llara__V1__ProjectRequest) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            role: try Checked.identifier("role", c.role))
    }

    func fill(_ c: inout Llara__V1__ProjectRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.role = arena.string(role)
    }

    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        vectors = try Checked.tensor(attachments)
    }
}

/// Behavioural tokens.
public struct ProjectResponse: WireMessage {
    /// The release that projected.
    public var release: String
    /// n x H.
    public var vectors: FloatTensor

    /// Makes the message; every field has its proto default.
    public init(release: String = "", vectors: FloatTensor = .empty) {
        self.release = release
        self.vectors = vectors
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ProjectResponse> { .protobuf }

    /// Attachment 0: ``vectors``.
    public var attachments: [FloatTensor] { [vectors] }
}

extension ProjectResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ProjectResponse>?) -> Void {
        llara__v1__project_response__init
    }

    init(_ c: Llara__V1__ProjectResponse) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release))
    }

    func fill(_ c: inout Llara__V1__ProjectResponse, _ arena: EncodingArena) {
        c.release = arena.string(release)
    }

    mutating func attach(_ attachments: [FloatTensor]) throws(WireError) {
        vectors = try Checked.tensor(attachments)
    }
}
