internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// One child process of a probe, run to its end.
struct ProbeProcess: Sendable {
    /// How a child ended, and the end of what it wrote to standard error.
    struct End: Sendable {
        enum Cause: Sendable, Equatable {
            case exit(Int32)
            case signal(Int32)
            case timedOut
            case notStarted
        }

        let cause: Cause
        var said = ""
        var error: (any Error)?
    }

    let executable: String
    let arguments: [String]
    let time: Duration

    func run() async -> End {
        await withCheckedContinuation { continuation in
            // It blocks, so it must not hold one of the cooperative pool's few threads.
            Thread.detachNewThread { continuation.resume(returning: runBlocking()) }
        }
    }

    private func runBlocking() -> End {
        let process = Process()
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        // A backtrace would bury the reason, and ggml starts a debugger for its own.
        process.environment = ProcessInfo.processInfo.environment.merging([
            "GGML_NO_BACKTRACE": "1", "SWIFT_BACKTRACE": "enable=no",
        ]) { $1 }
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            return End(cause: .notStarted, error: error)
        }
        let reader = TailReader(errors.fileHandleForReading)
        let isLate = ended.wait(timeout: .now() + time / .seconds(1)) == .timedOut
        if isLate {
            kill(process.processIdentifier, SIGKILL)
            ended.wait()
        }
        // It has ended; this makes Foundation let go of it, its run loop's source and its sockets.
        process.waitUntilExit()
        let status = process.terminationStatus
        let isSignal = process.terminationReason == .uncaughtSignal
        return End(
            cause: isLate ? .timedOut : isSignal ? .signal(status) : .exit(status),
            said: reader.wait())
    }
}

/// Reads a pipe to its end, as a full one would stop the child, and keeps the last bytes.
private final class TailReader: Sendable {
    private static let keptBytes = 4_096

    private let kept = Mutex<[UInt8]>([])
    private let done = DispatchSemaphore(value: 0)

    init(_ file: FileHandle) {
        Thread.detachNewThread { [self] in
            while let part = try? file.read(upToCount: Self.keptBytes), !part.isEmpty {
                kept.withLock { $0 = Array(($0 + part).suffix(Self.keptBytes)) }
            }
            // Foundation closes it some time later, if at all.
            try? file.close()
            done.signal()
        }
    }

    func wait() -> String {
        done.wait()
        return String(decoding: kept.withLock { $0 }, as: UTF8.self)
    }
}
