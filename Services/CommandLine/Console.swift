import Glibc

/// The two streams of a command: answers on standard output, everything else on standard error.
enum Console {
    /// Writes text and a newline to standard output.
    static func answer(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes text as it is to standard error.
    static func notice(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Whether a person watches standard error.
    static var hasWatcher: Bool { isatty(STDERR_FILENO) == 1 }

    /// An environment variable that is set and not empty.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                // A closed pipe or a full disk: nobody is left to be told.
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }
}
