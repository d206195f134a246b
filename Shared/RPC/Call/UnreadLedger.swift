internal import Synchronization

/// Counts the bytes that one connection has delivered and nobody has read.
///
/// Above the limit its owner stops reading from the socket, so that the peer has to wait; when half
/// of that has been read, `resume` is called.
final class UnreadLedger: Sendable {
    private struct State {
        var bytes = 0
        var isPaused = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let resume: @Sendable () -> Void

    /// A ledger for `limit` bytes; `resume` is called on the reader's thread.
    init(limit: Int, resume: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.resume = resume
    }

    var bytes: Int { state.withLock { $0.bytes } }

    func add(_ count: Int) { state.withLock { $0.bytes += count } }

    func remove(_ count: Int) {
        guard count > 0 else { return }
        let resumes = state.withLock { state in
            state.bytes -= count
            guard state.isPaused, state.bytes <= limit / 2 else { return false }
            state.isPaused = false
            return true
        }
        if resumes { resume() }
    }

    /// Whether reading has to stop now; if so, `resume` will be called once.
    func pauseIfFull() -> Bool {
        state.withLock { state in
            if state.bytes > limit { state.isPaused = true }
            return state.isPaused
        }
    }
}
