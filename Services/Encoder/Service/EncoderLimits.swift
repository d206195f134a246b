import Wire

/// Named limits of what one call may ask, each in the README's table.
enum EncoderLimits {
    /// Sequences of one Encode call.
    static let maximumSequences = 256
    /// Items of one sequence; only the newest window of the release's network counts.
    static let maximumSequenceItems = 1_000
    /// Items that one Retrieve call asks for or gives.
    static let maximumCandidates = WireLimits.maximumScoredItems
    /// Excluded ids of one Retrieve call.
    static let maximumExclusions = 10_000
    /// Ids of one ItemRows call.
    static let maximumItemRows = 4_096
    /// Values of one response; 16 MB, which is what a message may hold.
    static let maximumResponseValues = 4_000_000
}
