import Storage
import Wire

/// The limits of the command line, each in its README.
enum CommandLimits {
    /// Replicas that one `health` asks: more would not fit a screen, and each is a connection.
    static let maximumAddresses = 64
    /// Bytes of one JSON request on standard input or in an argument.
    static let maximumJSONBytes = 16 << 20
    /// Bytes of one line of JSON lines; a full item has at most 0.6 MB with every letter escaped.
    static let maximumLineBytes = 1 << 20
    /// JSON lines that one call writes, so many items at most.
    static let maximumLinesPerCall = WireLimits.maximumWrittenItems
    /// Bytes of JSON lines that one call writes: with one line more it stays below a message's.
    static let maximumLineBytesPerCall = 2 << 20
    /// Items of one answer of `recommend`: the gateway's `RecommendLimits.maximumCount`.
    static let maximumAnswer = 100
    /// Items unknown to the release that join: the gateway's `RecommendLimits.maximumFreshItems`.
    static let maximumFresh = 20
    /// Bytes of an idempotency key: further calls of --from append `/N`, and the wire takes 128.
    static let maximumIdempotencyKeyBytes = WireLimits.maximumIdempotencyKeyBytes - 10
    /// Ids or candidates of one command line.
    static let maximumIDs = WireLimits.maximumCandidates
    /// Items, changes or interactions of one page; the catalog's own limit.
    static let maximumPage = CatalogLimits.maximumPage
    /// Ids after `--exclude`.
    static let maximumExclusions = WireLimits.maximumListCount
    /// Longest `--timeout`, in seconds.
    static let maximumTimeoutSeconds = 86_400.0
    /// Tokens of one generated text.
    static let maximumTokens = WireLimits.maximumGeneratedTokens
    /// Bytes of a prompt, argument or standard input: the ranker's `RankLimits.promptBytes`.
    static let maximumPromptBytes = 64 << 10
    /// Temperature of a generated text.
    static let maximumTemperature = WireLimits.maximumTemperature
    /// Cases of one `evaluate --cases`: each is a call, and all are kept until the tables are made.
    static let maximumCases = 100_000
}
