import ServiceKit

/// Settings of the encoder, checked.
struct EncoderConfiguration: Sendable {
    /// Values of keys that nobody sets.
    static let defaults = ["listen": "127.0.0.1:7401", "threads": "1"]

    /// Folder of the release that is served.
    let releaseDirectory: String
    /// Compute threads.
    let threads: Int

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        releaseDirectory = try settings.string("release", hint: "--release FOLDER")
        threads = try settings.integer("threads", in: 1...256)
    }
}
