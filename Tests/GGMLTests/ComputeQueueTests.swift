import Dispatch
import Synchronization
import Testing

@testable import GGML

@Suite("Compute queue")
struct ComputeQueueTests {
    /// A queue whose thread is held until ``release()``.
    private final class HeldQueue: Sendable {
        let queue: ComputeQueue
        let computed = Mutex<[Int]>([])
        private let isHeld = Mutex(false)
        private let gate = DispatchSemaphore(value: 0)

        init(limit: Int) { queue = ComputeQueue(label: "test", limit: limit) }

        func hold() async throws(ComputeError) {
            try await queue.run { () throws(ComputeError) in
                self.isHeld.withLock { $0 = true }
                self.gate.wait()
            }
        }

        /// Until the queue's thread is held.
        func untilHeld() async {
            while !isHeld.withLock({ $0 }) { await Task.yield() }
        }

        func release() { gate.signal() }

        /// A computation that notes `number`.
        func task(_ number: Int, isContinued: Bool = false) -> Task<Void, any Error> {
            Task {
                try await self.queue.run(isContinued: isContinued) { () throws(ComputeError) in
                    self.computed.withLock { $0.append(number) }
                }
            }
        }

        /// Until `count` computations wait.
        func untilWaiting(_ count: Int) async {
            while queue.waitingCount != count { await Task.yield() }
        }
    }

    @Test("as many wait as may, one more is refused, and a cancelled one frees its place")
    func limit() async throws {
        let held = HeldQueue(limit: 2)
        let holder = Task { try await held.hold() }
        await held.untilHeld()
        let first = held.task(1)
        await held.untilWaiting(1)
        let second = held.task(2)
        await held.untilWaiting(2)
        #expect(await code(of: held.task(3)) == .queueFull)
        first.cancel()
        #expect(await code(of: first) == .cancelled)
        let fourth = held.task(4)
        await held.untilWaiting(2)
        let continued = held.task(5, isContinued: true)
        await held.untilWaiting(3)
        held.release()
        try await holder.value
        for task in [second, fourth, continued] { try await task.value }
        #expect(held.computed.withLock { $0 } == [2, 4, 5])
    }

    @Test("what is past its deadline or cancelled is never computed")
    func notComputed() async throws {
        let queue = ComputeQueue(label: "test", limit: 1)
        let late = Task {
            try await queue.run(deadline: .now) { () throws(ComputeError) in
                _ = Issue.record("computed after its deadline")
            }
        }
        #expect(await code(of: late) == .deadlinePassed)
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await queue.run { () throws(ComputeError) in
                _ = Issue.record("computed after cancellation")
            }
        }
        #expect(await code(of: cancelled) == .cancelled)
        let inTime = try await queue.run(deadline: .now + .seconds(3_600)) {
            () throws(ComputeError) in 7
        }
        #expect(inTime == 7)
    }

    @Test("what the computation throws comes back")
    func failure() async {
        let queue = ComputeQueue(label: "test", limit: 1)
        let failing = Task {
            try await queue.run { () throws(ComputeError) in
                throw ComputeError(code: .engine, message: "no memory")
            }
        }
        #expect(await code(of: failing) == .engine)
    }

    private func code(of task: Task<Void, any Error>) async -> ComputeError.Code? {
        do {
            try await task.value
            return nil
        } catch {
            return (error as? ComputeError)?.code
        }
    }
}
