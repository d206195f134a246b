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
