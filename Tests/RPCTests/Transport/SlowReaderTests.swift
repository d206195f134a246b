import Synchronization
import Testing

@testable import RPC

@Suite("Slow readers", .timeLimit(.minutes(1)))
struct SlowReaderTests {
    private static let megabyte = 1 << 20

    /// Small buffers, so that a reader is behind soon.
    private var limits: RPCLimits {
        var limits = RPCLimits.defaults
        limits.unreadBytes = 4 * Self.megabyte
        limits.streamWindowBytes = Self.megabyte
        limits.unreadMessages = 2
        limits.pendingWriteBytes = Self.megabyte
        return limits
    }

    /// Streams messages of 1 MiB, numbered, and counts those that were taken from the handler.
    private func router(
        _ written: Counter, total: Int, started: OneShot<Void> = OneShot(),
        ended: OneShot<Void> = OneShot()
    ) -> RPCRouter {
        var router = RPCRouter()
        router.serverStreaming(testMethod("Stream")) { _, _, writer in
            started.fulfil(.success(()))
            defer { ended.fulfil(.success(())) }
            for number in 0..<total {
                var body = [UInt8](repeating: 0, count: Self.megabyte)
                body[0] = UInt8(truncatingIfNeeded: number)
                try await writer.write(RPCMessage(body: body))
                written.add()
            }
        }
        return router
    }

    @Test("far more than the buffers hold arrives whole and in order", arguments: Way.allCases)
    func nothingIsLost(way: Way) async throws {
        let written = Counter()
        try await way.withCaller(of: router(written, total: 60), limits: limits) { caller in
            let numbers = try await caller.serverStreaming(
                testMethod("Stream"), RPCMessage(body: []), options: .defaults
            ) { stream in
                var numbers: [UInt8] = []
                for try await message in stream {
                    numbers.append(message.body[0])
                    for _ in 0..<20 { await Task.yield() }
                }
                return numbers
            }
            #expect(numbers == Array(0..<60))
            #expect(written.value == 60)
        }
    }

    @Test(
        "a reader that does not read makes the handler wait until the deadline",
        arguments: Way.allCases)
    func handlerWaits(way: Way) async throws {
        let written = Counter()
        let ended = OneShot<Void>()
        let router = router(written, total: 1_000_000, ended: ended)
        try await way.withCaller(of: router, limits: limits) { caller in
            let error = await status {
                try await caller.serverStreaming(
                    testMethod("Stream"), RPCMessage(body: []),
                    options: CallOptions(timeout: .seconds(2))
                ) { stream in
                    var iterator = stream.makeAsyncIterator()
                    _ = try await iterator.next()
                    try await ended.value()
                    while try await iterator.next() != nil {}
                }
            }
            #expect(error?.code == .deadlineExceeded)
            // The buffers of both sides and of the kernel, whose own may grow to 36 MiB; without
            // waiting there were far more.
            #expect(written.value < 80)
        }
    }

    @Test("a peer that reads nothing from its socket makes the handler wait")
    func peerReadsNothing() async throws {
        let written = Counter()
        let (started, ended) = (OneShot<Void>(), OneShot<Void>())
        let router = router(written, total: 1_000_000, started: started, ended: ended)
        let limits = limits
        try await withServer(router, change: { $0.limits = limits }) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            try await peer.stopReading()
            try await peer.call("Stream", RPCMessage(body: []), on: 1)
            try await started.value()
            // Time for far more than the buffers hold; the bound below holds at any moment.
            for _ in 0..<20_000 { await Task.yield() }
            peer.close()
            try await ended.value()
            #expect(written.value < 80)
        }
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
