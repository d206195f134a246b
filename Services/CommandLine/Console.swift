import Glibc

/// The two streams of a command: answers on standard output, everything else on standard error.
enum Console {
    /// Writes text and a newline to standard output.
    static func answer(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes text as it is to standard output.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes text as it is to standard error.
    static func notice(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Whether a person watches standard error.
    static var hasWatcher: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a person can be asked.
    static var hasPerson: Bool { isatty(STDIN_FILENO) == 1 && hasWatcher }

    /// What standard output can show.
    static var terminal: Terminal { terminal(of: STDOUT_FILENO) }

    /// What standard error can show.
    static var errorTerminal: Terminal { terminal(of: STDERR_FILENO) }

    /// Asks a person; anything but a `y` or `yes` is a no.
    static func confirms(_ question: String) -> Bool {
        notice(question + " [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    private static func terminal(of descriptor: Int32) -> Terminal {
        guard isatty(descriptor) == 1 else { return .none }
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        // https://no-color.org
        let hasColour = environment("NO_COLOR") == nil && environment("TERM") != "dumb"
        return Terminal(
            columns: isKnown ? Int(size.ws_col) : 80, rows: isKnown ? Int(size.ws_row) : 24,
            hasColour: hasColour)
    }

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
