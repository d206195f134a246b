import Foundation
import ServiceKit

/// Settings of the ranker, checked.
struct RankerConfiguration: Sendable {
    /// Values of keys that nobody sets.
    static let defaults = [
        "listen": "127.0.0.1:7403", "threads": "\(ProcessInfo.processInfo.activeProcessorCount)",
    ]

    /// Folder of the release that is served.
    let releaseDirectory: String
    /// GGUF file of the LLM; its SHA-256 must be the manifest's.
    let model: String
    /// Compute threads.
    let threads: Int

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        releaseDirectory = try settings.string("release", hint: "--release FOLDER")
        model = try settings.string("model", hint: "--model FILE.gguf")
        threads = try settings.integer("threads", in: 1...256)
    }
}
