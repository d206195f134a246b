/// What a message from a peer may hold at most; beyond it, ``WireError`` names the field.
///
/// The transport bounds a message as a whole before it comes here, attachments included.
public enum WireLimits {
    /// Bytes of the protobuf part.
    public static let maximumBodyBytes = 4 << 20
    /// Messages within messages; the deepest of today's has 3 levels.
    public static let maximumNesting = 8
    /// Fields that this build does not know, in one body: each costs protobuf-c an allocation.
    public static let maximumUnknownFields = 64
    /// Elements of any list that has no limit of its own below.
    public static let maximumListCount = 10_000
    /// Candidates of a request, and so items of an answer.
    public static let maximumCandidates = 1_000
    /// Candidates of a Retrieve call: the encoder scores more than the LLM can rank.
    public static let maximumScoredItems = 5_000
    /// Interactions of one sequence.
    public static let maximumHistory = 1_000
    /// Sequences of one Encode call.
    public static let maximumSequences = 256
    /// Attributes of an item, values of a context.
    public static let maximumKeyValues = 64
    /// Filters of one request.
    public static let maximumFilters = 16
    /// Values that one filter lets pass.
    public static let maximumFilterValues = 256
    /// Items, or patches, of one write to the catalog.
    public static let maximumWrittenItems = 1_000
    /// Segments of a prompt.
    public static let maximumSegments = 1_000
    /// Positions of a prompt that an answer shows.
    public static let maximumPromptTokens = 10_000
    /// Tokens of one generated text.
    public static let maximumGeneratedTokens = 256
    /// Temperature of a generated text; the greatest that still tells tokens apart.
    public static let maximumTemperature: Float = 10
    /// Releases, adapters, stages and degradations of one answer.
    public static let maximumDescriptions = 64
    /// UTF-8 bytes of an id or a name.
    public static let maximumIdentifierBytes = 256
    /// UTF-8 bytes of a title, an attribute's value, a candidate's or a generated text.
    public static let maximumTitleBytes = 4_096
    /// UTF-8 bytes of a prompt or a segment of one.
    public static let maximumTextBytes = 1 << 18
    /// Bytes of one token of the LLM's vocabulary.
    public static let maximumTokenBytes = 1_024
    /// Visible ASCII characters of an idempotency key; an empty one is none.
    public static let maximumIdempotencyKeyBytes = 128
    /// Bytes of a SHA-256, the only hash in use; empty is "not given".
    public static let hashBytes = 32
}
