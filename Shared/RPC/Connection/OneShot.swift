internal import Synchronization

/// A value that comes once, and the tasks that wait for it.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case waiting(Waiters)
        case done(Result<Value, any Error>)
    }

    private struct Waiters {
        var continuations: [Int: CheckedContinuation<Value, any Error>] = [:]
        var callbacks: [@Sendable () -> Void] = []
        var next = 0
    }

    private let state = Mutex(State.waiting(Waiters()))

    /// Sets the value; false if it was set.
    @discardableResult
    func fulfil(_ result: Result<Value, any Error>) -> Bool {
        let waiters: Waiters? = state.withLock { state in
            guard case .waiting(let waiters) = state else { return nil }
            state = .done(result)
            return waiters
        }
        guard let waiters else { return false }
        for callback in waiters.callbacks { callback() }
        for waiter in waiters.continuations.values { waiter.resume(with: result) }
        return true
    }

    /// Calls `body` when the value has come, on the thread that sets it, before any task goes on.
    func whenDone(_ body: @escaping @Sendable () -> Void) {
        let isDone = state.withLock { state in
            guard case .waiting(var waiters) = state else { return true }
            waiters.callbacks.append(body)
            state = .waiting(waiters)
            return false
        }
        if isDone { body() }
    }

    /// The value if it has come.
    var current: Result<Value, any Error>? {
        state.withLock { if case .done(let result) = $0 { result } else { nil } }
    }

    /// Waits for the value; throws CancellationError if the task is cancelled first.
    func value() async throws -> Value {
        let id = state.withLock { state -> Int in
            guard case .waiting(var waiters) = state else { return -1 }
            waiters.next += 1
            state = .waiting(waiters)
            return waiters.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    switch state {
                    case .done(let result): return result
                    case .waiting(var waiters):
                        if Task.isCancelled { return .failure(CancellationError()) }
                        waiters.continuations[id] = continuation
                        state = .waiting(waiters)
                        return nil
                    }
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
                guard case .waiting(var waiters) = state else { return nil }
                let waiter = waiters.continuations.removeValue(forKey: id)
                state = .waiting(waiters)
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
