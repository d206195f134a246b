import Dispatch
import Glibc
import Testing
import Threads

@Suite("A dedicated thread")
struct DedicatedThreadTests {
    struct NoThread: Error { let errno: Int32 }

    /// Ends a stream when nothing holds it any more.
    private final class Held: Sendable {
        private let released: AsyncStream<Never>.Continuation

        init(_ released: AsyncStream<Never>.Continuation) { self.released = released }

        deinit { released.finish() }
    }

    @Test("is one of its own, and is no waste of the pool's few: many block at once")
    func blocking() async throws {
        let count = 32
        let gate = DispatchSemaphore(value: 0)
        let (threads, arrived) = AsyncStream.makeStream(of: pthread_t.self)
        for _ in 0..<count {
            try DedicatedThread.start(orThrow: NoThread.init) {
                arrived.yield(pthread_self())
                gate.wait()
            }
        }
        var distinct: Set<pthread_t> = []
        for await thread in threads.prefix(count) { distinct.insert(thread) }
        #expect(distinct.count == count)
        for _ in 0..<count { gate.signal() }
    }

    @Test("lets go of what its body holds once that has returned")
    func release() async throws {
        let (stream, released) = AsyncStream.makeStream(of: Never.self)
        func start() throws {
            let held = Held(released)
            try DedicatedThread.start(orThrow: NoThread.init) { withExtendedLifetime(held) {} }
        }
        try start()
        for await _ in stream {}
    }
}
