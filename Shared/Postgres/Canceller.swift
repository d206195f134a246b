import CLibPQ
import Synchronization
import Threads

/// One thread that sends cancel requests, each over a connection of its own.
///
/// `PQcancel` may block for as long as a TCP connect does. The thread that waits for the statement
/// therefore never calls it: it gives up on the connection instead when no answer comes in time.
final class Canceller: Sendable {
    /// Requests that may wait; beyond it the caller drops its connection.
    static let maximumQueuedRequests = 256

    /// Tells whether a cancel request was sent; made per statement.
    final class Ticket: Sendable {
        private let done = Atomic<Bool>(false)

        /// The server has taken the request: it cannot hit a later statement any more.
        var isDone: Bool { done.load(ordering: .acquiring) }

        fileprivate func finish() { done.store(true, ordering: .releasing) }
    }

    // libpq's PGcancel is an independent copy; only the canceller's thread uses it.
    private struct Request: @unchecked Sendable {
        let handle: OpaquePointer
        let ticket: Ticket
        let waiter: WakeUp
    }

    private struct State {
        var requests: [Request] = []
        var isClosing = false
    }

    private let state = Mutex(State())
    private let wake: WakeUp

    /// Starts the thread.
    init() throws(PostgresError) {
        wake = try WakeUp()
        try DedicatedThread.start(orThrow: PostgresError.noThread) { [self] in run() }
    }

    /// Asks the server to cancel what runs on `connection`; nil when the queue is full.
    func cancel(_ connection: OpaquePointer, waiter: WakeUp) -> Ticket? {
        guard let handle = PQgetCancel(connection) else { return nil }
        let request = Request(handle: handle, ticket: Ticket(), waiter: waiter)
        let isTaken = state.withLock { state in
            guard state.requests.count < Self.maximumQueuedRequests, !state.isClosing else {
                return false
            }
            state.requests.append(request)
            return true
        }
        guard isTaken else {
            PQfreeCancel(handle)
            return nil
        }
        wake.signal()
        return request.ticket
    }

    /// Ends the thread when it has sent what waits.
    func close() {
        state.withLock { $0.isClosing = true }
        wake.signal()
    }

    private func run() {
        while true {
            let (requests, isClosing) = state.withLock { state in
                defer { state.requests = [] }
                return (state.requests, state.isClosing)
            }
            for request in requests {
                var reason = [CChar](repeating: 0, count: 256)
                let wasSent = PQcancel(request.handle, &reason, CInt(reason.count)) == 1
                PQfreeCancel(request.handle)
                // An unsent request leaves the ticket open: the connection is then dropped.
                if wasSent { request.ticket.finish() }
                request.waiter.signal()
            }
            if requests.isEmpty {
                if isClosing { return }
                _ = wake.wait()
            }
        }
    }
}
