internal import Dispatch

/// A thread beside the cooperative pool for computations that take longer than a call should
/// hold one of the pool's few threads.
struct ComputeQueue: Sendable {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs `body` after those before it, and returns what it gives.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ComputeError) -> Value
    ) async throws(ComputeError) -> Value {
        let outcome: Result<Value, ComputeError> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Result(catching: body)) }
        }
        return try outcome.get()
    }
}
