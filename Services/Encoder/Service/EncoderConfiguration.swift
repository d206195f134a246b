import GGML
import ServiceKit

/// Settings of the encoder, checked.
struct EncoderConfiguration: Sendable {
    /// Values of keys that nobody sets.
    static let defaults = [
        "listen": "127.0.0.1:7401", "threads": "1",
        "maximum-waiting": "\(ComputeLimits.maximumWaiting)",
    ]

    /// Folders of the releases that are served, the default one first.
    let releaseDirectories: [String]
    /// Compute threads.
    let threads: Int
    /// Computations of a release that wait for the one that runs; more are refused.
    let maximumWaiting: Int

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        releaseDirectories = try settings.releaseDirectories()
        threads = try settings.integer("threads", in: 1...256)
        maximumWaiting = try settings.integer("maximum-waiting", in: 1...65_536)
    }
}
