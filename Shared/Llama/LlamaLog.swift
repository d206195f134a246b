internal import CGGML
internal import CLlama
internal import Synchronization

/// What llama.cpp writes instead of returning a reason: its last error lines.
///
/// The library has one log callback for the process and prints to standard error without one.
enum LlamaLog {
    /// The last line only says that something failed; the one before says what.
    private static let keptLines = 2
    private static let lastErrors = Mutex<[String]>([])

    /// Starts the library, once, and takes its log over.
    static let isStarted: Bool = {
        llama_log_set({ level, text, _ in LlamaLog.take(level, text) }, nil)
        llama_backend_init()
        return true
    }()

    /// The last error lines since the last call, in brackets to follow a message, or nothing.
    ///
    /// Loads happen one after another; a decode's line may only be of another engine's.
    static func takeReason() -> String {
        let lines = lastErrors.withLock { lines in
            defer { lines = [] }
            return lines
        }
        return lines.isEmpty ? "" : " (\(lines.joined(separator: "; ")))"
    }

    private static func take(_ level: ggml_log_level, _ text: UnsafePointer<CChar>?) {
        guard level == GGML_LOG_LEVEL_ERROR, let text else { return }
        var line = String(cString: text)
        while line.last?.isNewline == true { line.removeLast() }
        let kept = line
        lastErrors.withLock { $0 = ($0 + [kept]).suffix(keptLines) }
    }
}
