import Glibc

/// What ended a wait.
struct WaitOutcome {
    /// The socket can be read or written, or has failed.
    var socketIsReady = false
    /// Somebody called `signal`.
    var wasSignalled = false
}

/// A pipe that a thread waits on together with its socket, and that others signal.
final class WakeUp: Sendable {
    private let reader: CInt
    private let writer: CInt

    /// - Throws: `PostgresError` of kind `resourceExhausted` when no descriptor is left.
    init() throws(PostgresError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(
                .resourceExhausted, "no file descriptor left for a database thread (errno \(errno))"
            )
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            // Child processes must not hold it.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Ends the current wait, or the next one.
    func signal() {
        var byte: UInt8 = 1
        // A full pipe means that signals are pending already.
        _ = write(writer, &byte, 1)
    }

    /// Blocks until a signal, until `socket` (if not negative) is ready for `events`, or `limit`.
    func wait(
        socket: CInt = -1, events: Int16 = 0, until limit: ContinuousClock.Instant? = nil
    ) -> WaitOutcome {
        var entries = (
            pollfd(fd: reader, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: events, revents: 0)
        )
        let timeout = limit.map { milliseconds(until: $0) } ?? -1
        let ready = withUnsafeMutablePointer(to: &entries) { pointer in
            pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, timeout) }
        }
        guard ready > 0 else { return WaitOutcome() }
        let outcome = WaitOutcome(
            socketIsReady: entries.1.revents != 0, wasSignalled: entries.0.revents != 0)
        if outcome.wasSignalled {
            var bytes: UInt64 = 0
            _ = read(reader, &bytes, MemoryLayout<UInt64>.size)
        }
        return outcome
    }

    /// What is left, rounded up so that a wait never ends just before its limit.
    private func milliseconds(until limit: ContinuousClock.Instant) -> CInt {
        let left = max(ContinuousClock.now.duration(to: limit), .zero)
        let (seconds, attoseconds) = min(left, .seconds(1_000_000)).components
        return CInt(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
