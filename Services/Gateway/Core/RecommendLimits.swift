/// Named limits of a Recommend call; the README has the table.
public enum RecommendLimits {
    /// Items in an answer.
    public static let maximumCount = 100
    /// Default of `count`.
    public static let defaultCount = 10
    /// Candidates that one call may give or ask for.
    public static let maximumCandidates = 1_000
    /// Default of `candidate_count`; LLaRA ranks 20.
    public static let defaultCandidates = 20
    /// Candidates that the LLM ranks: a ranker's prompt has 1,000 segments, and an item takes two,
    /// text and behavioural token, beside those of the history and the user state.
    public static let maximumRanked = 480
    /// Bytes of a title in the prompt before what tells equal ones apart.
    ///
    /// With that twice, a blank
    /// and a newline it has at most 256 bytes, hence at most a ranker's 256 tokens.
    public static let maximumShownTitleBytes = 176
    /// Bytes of a year or id that tells equal titles apart; a UUID fits.
    public static let maximumTitleMarkBytes = 36
    /// Tokens that the items of a prompt may take by the safest estimate, one a byte: a ranker's
    /// prompt has 3,840, of which the template takes less than 340.
    public static let promptTokenBudget = 3_500
    /// Items in an inline sequence.
    public static let maximumInlineSequence = 1_000
    /// Excluded ids.
    public static let maximumExclusions = 10_000
    /// Attribute filters.
    public static let maximumFilters = 16
    /// Values that one filter allows.
    public static let maximumFilterValues = 64
    /// Items unknown to the release that may join.
    public static let maximumFreshItems = 20
    /// For each fresh item wanted, so many of the newest items are looked at: some may be known to
    /// the release, and each one read costs.
    public static let freshItemSearchFactor = 5
    /// Default of `fresh_items`.
    public static let defaultFreshItems = 2
    /// Deadline of a call that brings none.
    public static let defaultDeadline = Duration.seconds(2)
    /// Candidates asked of the encoder beyond those needed, for the ones the catalog refuses.
    public static let retrievalMargin = 20
    /// Items of one page of the encoder's order; with fresh items and the history it still fits
    /// one reading of the catalog.
    public static let maximumPage = 900
    /// Items that pass the filters, up to which the encoder scores just these; beyond it the
    /// encoder's order is read page by page.
    public static let maximumMatching = 5_000
}
