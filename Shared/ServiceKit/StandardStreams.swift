internal import Glibc

extension String {
    /// The UTF-8 bytes of the string, for a system call.
    func withUTF8Bytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        var copy = self
        copy.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}

/// Writes to standard error; a closed pipe loses the line, never the process.
func standardErrorWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
    write(STDERR_FILENO, bytes.baseAddress, bytes.count)
}

/// Writes to standard output, for what a person asked to see (`--check-config`).
func standardOutputWrite(_ text: String) {
    (text + "\n").withUTF8Bytes { _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}
