import ServiceKit

/// Settings of the encoder, checked.
struct EncoderConfiguration: Sendable {
    /// Values of keys that nobody sets.
    static let defaults = ["listen": "127.0.0.1:7401", "threads": "1"]

    /// Folders of the releases that are served, the default one first.
    let releaseDirectories: [String]
    /// Compute threads.
    let threads: Int

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        releaseDirectories = try settings.releaseDirectories()
        threads = try settings.integer("threads", in: 1...256)
    }
}
