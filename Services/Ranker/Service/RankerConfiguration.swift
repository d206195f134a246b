import Foundation
import ServiceKit

/// Settings of the ranker, checked.
struct RankerConfiguration: Sendable {
    /// Values of keys that nobody sets.
    static let defaults = [
        "listen": "127.0.0.1:7403", "threads": "\(ProcessInfo.processInfo.activeProcessorCount)",
    ]

    /// Folders of the releases that are served, the default one first.
    let releaseDirectories: [String]
    /// GGUF file of the LLM; its SHA-256 must be the manifest's.
    let model: String
    /// Compute threads.
    let threads: Int

    /// Reads and checks.
    init(_ settings: ServiceSettings) throws(SettingError) {
        releaseDirectories = try settings.releaseDirectories()
        model = try settings.string("model", hint: "--model FILE.gguf")
        threads = try settings.integer("threads", in: 1...256)
    }
}
