internal import CGGML
internal import CLlama
internal import Synchronization

/// What llama.cpp writes instead of returning a reason: its last error line.
///
/// The library has one log callback for the process and prints to standard error without one.
enum LlamaLog {
    private static let lastError = Mutex<String?>(nil)

    /// Starts the library, once, and takes its log over.
    static let isStarted: Bool = {
        llama_log_set({ level, text, _ in LlamaLog.take(level, text) }, nil)
        llama_backend_init()
        return true
    }()

    /// The last error line since the last call, in brackets to follow a message, or nothing.
    ///
    /// Loads happen one after another; a decode's line may only be of another engine's.
    static func takeReason() -> String {
        let line = lastError.withLock { line in
            defer { line = nil }
            return line
        }
        return line.map { " (\($0))" } ?? ""
    }

    private static func take(_ level: ggml_log_level, _ text: UnsafePointer<CChar>?) {
        guard level == GGML_LOG_LEVEL_ERROR, let text else { return }
        var line = String(cString: text)
        while line.last?.isNewline == true { line.removeLast() }
        let kept = line
        lastError.withLock { $0 = kept }
    }
}
