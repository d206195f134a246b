import CMessages
public import Domain

/// What stands behind an answer.
public struct Provenance: WireMessage {
    /// The release's name.
    public var release: String
    /// What items looked like in the prompt.
    public var representation: Representation?
    /// The catalog as of which the answer holds.
    public var catalogVersion: UInt64
    /// The LLM's name.
    public var llm: String
    /// SHA-256 of the release's manifest.
    public var manifestSHA256: [UInt8]
    /// SHA-256 of the LLM's file.
    public var llmSHA256: [UInt8]
    /// What ordered the items: "hybrid", "text", "srs" or "popularity".
    public var rankedBy: String
    /// The LoRA adapter, empty if none.
    public var adapter: String
    /// Weight of the LLM's part in the fused score.
    public var llmWeight: Double
    /// Weight of the encoder's part in the fused score.
    public var srsWeight: Double

    /// Makes the message; every field has its proto default.
    public init(
        release: String = "", representation: Representation? = nil, catalogVersion: UInt64 = 0,
        llm: String = "", manifestSHA256: [UInt8] = [], llmSHA256: [UInt8] = [],
        rankedBy: String = "", adapter: String = "", llmWeight: Double = 0, srsWeight: Double = 0
    ) {
        self.release = release
        self.representation = representation
        self.catalogVersion = catalogVersion
        self.llm = llm
        self.manifestSHA256 = manifestSHA256
        self.llmSHA256 = llmSHA256
        self.rankedBy = rankedBy
        self.adapter = adapter
        self.llmWeight = llmWeight
        self.srsWeight = srsWeight
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<Provenance> { .protobuf }
}

extension Provenance: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Provenance>?) -> Void {
        llara__v1__provenance__init
    }

    init(_ c: Llara__V1__Provenance) throws(WireError) {
        self.init(
            release: try Checked.name("release", c.release),
            representation: try Checked.representation("representation", c.representation),
            catalogVersion: c.catalog_version,
            llm: try Checked.name("llm", c.llm),
            manifestSHA256: try Checked.hash("manifest_sha256", c.manifest_sha256),
            llmSHA256: try Checked.hash("llm_sha256", c.llm_sha256),
            rankedBy: try Checked.name("ranked_by", c.ranked_by),
            adapter: try Checked.name("adapter", c.adapter),
            llmWeight: c.llm_weight,
            srsWeight: c.srs_weight)
    }

    func fill(_ c: inout Llara__V1__Provenance, _ arena: EncodingArena) {
        c.release = arena.string(release)
        c.representation = .of(representation)
        c.catalog_version = catalogVersion
        c.llm = arena.string(llm)
        c.manifest_sha256 = arena.bytes(manifestSHA256)
        c.llm_sha256 = arena.bytes(llmSHA256)
        c.ranked_by = arena.string(rankedBy)
        c.adapter = arena.string(adapter)
        c.llm_weight = llmWeight
        c.srs_weight = srsWeight
    }
}

/// One rung down the fallback ladder.
public struct Degradation: WireMessage {
    /// Which stage failed: "encoder", "projector" or "ranker".
    public var stage: String
    /// Why, for machines: the status code's name in lower case, "deadline" or "release_mismatch".
    public var reason: String
    /// Why, for people.
    public var message: String

    /// Makes the message; every field has its proto default.
    public init(stage: String = "", reason: String = "", message: String = "") {
        self.stage = stage
        self.reason = reason
        self.message = message
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<Degradation> { .protobuf }
}

extension Degradation: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__Degradation>?) -> Void {
        llara__v1__degradation__init
    }

    init(_ c: Llara__V1__Degradation) throws(WireError) {
        self.init(
            stage: try Checked.name("stage", c.stage),
            reason: try Checked.name("reason", c.reason),
            message: try Checked.title("message", c.message))
    }

    func fill(_ c: inout Llara__V1__Degradation, _ arena: EncodingArena) {
        c.stage = arena.string(stage)
        c.reason = arena.string(reason)
        c.message = arena.string(message)
    }
}

/// The time that one stage of an answer took.
public struct StageTime: WireMessage {
    /// The stage.
    public var stage: String
    /// Wall time.
    public var milliseconds: Double

    /// Makes the message; every field has its proto default.
    public init(stage: String = "", milliseconds: Double = 0) {
        self.stage = stage
        self.milliseconds = milliseconds
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<StageTime> { .protobuf }
}

extension StageTime: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__StageTime>?) -> Void {
        llara__v1__stage_time__init
    }

    init(_ c: Llara__V1__StageTime) throws(WireError) {
        self.init(
            stage: try Checked.name("stage", c.stage),
            milliseconds: c.milliseconds)
    }

    func fill(_ c: inout Llara__V1__StageTime, _ arena: EncodingArena) {
        c.stage = arena.string(stage)
        c.milliseconds = milliseconds
    }
}
