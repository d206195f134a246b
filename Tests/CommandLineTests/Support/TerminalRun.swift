import Foundation
import Glibc

/// TIOCSPTLCK and TIOCGPTN, macros that Swift does not import.
private let (unlockTerminal, getTerminalNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)

/// A run of the built command on a terminal of 80 columns and 24 rows; both output streams mixed.
func llaraOnTerminal(
    _ arguments: [String], environment: [String: String] = [:], typing input: String = ""
) async throws -> (status: Int32, screen: String) {
    // What posix_openpt, unlockpt and ptsname do; glibc's module shows none of them to Swift.
    let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (lock, number): (Int32, Int32) = (0, 0)
    guard main >= 0, ioctl(main, unlockTerminal, &lock) == 0,
        ioctl(main, getTerminalNumber, &number) == 0
    else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
    guard terminal >= 0, ioctl(main, UInt(TIOCSWINSZ), &size) == 0 else {
        throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    let handle = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    let process = Process()
    process.executableURL = builtBinary("llara")
    process.arguments = arguments
    process.environment = ["USER": "tester", "TERM": "xterm"].merging(environment) { $1 }
    process.standardInput = handle
    process.standardOutput = handle
    process.standardError = handle
    _ = input.withCString { write(main, $0, strlen($0)) }
    async let screen = readToEnd(main)
    let status = try await process.runToEnd()
    close(terminal)
    let text = await screen
    close(main)
    return (status, text.replacing("\r\n", with: "\n"))
}

/// Reads until nobody has the terminal open any more, on a thread of its own: it blocks.
private func readToEnd(_ descriptor: Int32) async -> String {
    await withCheckedContinuation { continuation in
        Thread {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                if count <= 0 { break }
                bytes += chunk[..<count]
            }
            continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
        }.start()
    }
}
