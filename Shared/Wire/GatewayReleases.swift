import CMessages

/// Asks for the releases that the database knows.
public struct ListReleasesRequest: WireMessage {

    /// Makes the message; every field has its proto default.
    public init() {}

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListReleasesRequest> { .protobuf }
}

extension ListReleasesRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListReleasesRequest>?) -> Void {
        llara__v1__list_releases_request__init
    }

    init(_ c: Llara__V1__ListReleasesRequest) throws(WireError) {
        self.init()
    }

    func fill(_ c: inout Llara__V1__ListReleasesRequest, _ arena: EncodingArena) {}
}

/// A release as the database knows it.
public struct StoredRelease: WireMessage {
    /// The release's name.
    public var name: String
    /// SHA-256 of its manifest.
    public var manifestSHA256: [UInt8]
    /// Whether it serves requests that name no release.
    public var active: Bool
    /// Unix time in seconds.
    public var publishedAtSeconds: Int64

    /// Makes the message; every field has its proto default.
    public init(
        name: String = "", manifestSHA256: [UInt8] = [], active: Bool = false,
        publishedAtSeconds: Int64 = 0
    ) {
        self.name = name
        self.manifestSHA256 = manifestSHA256
        self.active = active
        self.publishedAtSeconds = publishedAtSeconds
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<StoredRelease> { .protobuf }
}

extension StoredRelease: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__StoredRelease>?) -> Void {
        llara__v1__stored_release__init
    }

    init(_ c: Llara__V1__StoredRelease) throws(WireError) {
        self.init(
            name: try Checked.identifier("name", c.name),
            manifestSHA256: try Checked.hash("manifest_sha256", c.manifest_sha256),
            active: c.active != 0,
            publishedAtSeconds: c.published_at_seconds)
    }

    func fill(_ c: inout Llara__V1__StoredRelease, _ arena: EncodingArena) {
        c.name = arena.string(name)
        c.manifest_sha256 = arena.bytes(manifestSHA256)
        c.active = active ? 1 : 0
        c.published_at_seconds = publishedAtSeconds
    }
}

/// The releases that the database knows.
public struct ListReleasesResponse: WireMessage {
    /// Newest first.
    public var releases: [StoredRelease]

    /// Makes the message; every field has its proto default.
    public init(releases: [StoredRelease] = []) {
        self.releases = releases
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ListReleasesResponse> { .protobuf }
}

extension ListReleasesResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ListReleasesResponse>?) -> Void {
        llara__v1__list_releases_response__init
    }

    init(_ c: Llara__V1__ListReleasesResponse) throws(WireError) {
        self.init(
            releases: try Checked.list(
                "releases", c.releases, c.n_releases, limit: WireLimits.maximumListCount))
    }

    func fill(_ c: inout Llara__V1__ListReleasesResponse, _ arena: EncodingArena) {
        (c.n_releases, c.releases) = arena.list(releases)
    }
}

/// Makes a release the one that serves requests that name none.
public struct ActivateReleaseRequest: WireMessage {
    /// The release's name.
    public var release: String
    /// Who activates; kept in the history.
    public var author: String

    /// Makes the message; every field has its proto default.
    public init(release: String = "", author: String = "") {
        self.release = release
        self.author = author
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ActivateReleaseRequest> { .protobuf }
}

extension ActivateReleaseRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ActivateReleaseRequest>?) -> Void {
        llara__v1__activate_release_request__init
    }

    init(_ c: Llara__V1__ActivateReleaseRequest) throws(WireError) {
        self.init(
            release: try Checked.identifier("release", c.release),
            author: try Checked.name("author", c.author))
    }

    func fill(_ c: inout Llara__V1__ActivateReleaseRequest, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.author = arena.string(author)
    }
}

/// Goes back to the release that was active before.
public struct RollbackReleaseRequest: WireMessage {
    /// Who rolls back; kept in the history.
    public var author: String

    /// Makes the message; every field has its proto default.
    public init(author: String = "") {
        self.author = author
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<RollbackReleaseRequest> { .protobuf }
}

extension RollbackReleaseRequest: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__RollbackReleaseRequest>?) -> Void {
        llara__v1__rollback_release_request__init
    }

    init(_ c: Llara__V1__RollbackReleaseRequest) throws(WireError) {
        self.init(
            author: try Checked.name("author", c.author))
    }

    func fill(_ c: inout Llara__V1__RollbackReleaseRequest, _ arena: EncodingArena) {
        c.author = arena.string(author)
    }
}

/// The result of a change of the active release.
public struct ReleaseChangeResponse: WireMessage {
    /// The release that is active now.
    public var active: String
    /// The one before; empty if none was active.
    public var previous: String

    /// Makes the message; every field has its proto default.
    public init(active: String = "", previous: String = "") {
        self.active = active
        self.previous = previous
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<ReleaseChangeResponse> { .protobuf }
}

extension ReleaseChangeResponse: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__ReleaseChangeResponse>?) -> Void {
        llara__v1__release_change_response__init
    }

    init(_ c: Llara__V1__ReleaseChangeResponse) throws(WireError) {
        self.init(
            active: try Checked.identifier("active", c.active),
            previous: try Checked.name("previous", c.previous))
    }

    func fill(_ c: inout Llara__V1__ReleaseChangeResponse, _ arena: EncodingArena) {
        c.active = arena.string(active)
        c.previous = arena.string(previous)
    }
}
