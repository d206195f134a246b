/// Which calls are recorded, where, and how much of them.
public struct CallRecorderConfiguration: Sendable, Hashable {
    /// The file, which must not exist; it can be read by its owner only.
    public var path: String
    /// Share of the calls that are recorded, 0 to 1.
    public var share = 0.01
    /// Most calls that are recorded in a second, whatever the share.
    public var callsPerSecond = 100
    /// Largest file, in bytes; what comes when it is full is not recorded.
    public var fileBytes = 256 * 1024 * 1024
    /// Largest requests of one call together, in bytes; a call with more is not recorded.
    public var callBytes = 4 * 1024 * 1024
    /// Most memory for requests of calls under way and of calls that wait to be written, in bytes;
    /// beyond, calls are dropped, and go on unrecorded.
    public var heldBytes = 32 * 1024 * 1024
    /// Metadata that are left out, besides ``alwaysOmitted`` and all that end in `-bin`.
    public var omittedMetadata: Set<String> = ["cookie", "proxy-authorization"]

    /// Secrets that no record ever holds.
    public static let alwaysOmitted: Set<String> = ["authorization"]

    /// A hundredth of the calls, at most 100 a second, up to 256 MiB.
    public init(path: String) { self.path = path }

    /// Throws INVALID_ARGUMENT naming the first setting outside its range.
    func validate() throws(RPCError) {
        try ConfigurationRange("recorder.share").check(share, 0...1)
        try ConfigurationRange("recorder.callsPerSecond").check(callsPerSecond, 1...1_000_000)
        try ConfigurationRange("recorder.fileBytes").check(
            fileBytes, 4096...CallRecords.maximumFileBytes)
        try ConfigurationRange("recorder.callBytes").check(
            callBytes, 1...RPCLimits.maximumMessageBytes)
        try ConfigurationRange("recorder.heldBytes").check(
            heldBytes, 1...RPCLimits.maximumMessageBytes)
    }

    /// What a record keeps of a call's metadata.
    func kept(_ metadata: Metadata) -> Metadata {
        var kept = Metadata()
        for entry in metadata.entries
        where entry.isText && !Self.alwaysOmitted.contains(entry.key)
            && !omittedMetadata.contains(entry.key)
        {
            kept.append(entry)
        }
        return kept
    }
}
