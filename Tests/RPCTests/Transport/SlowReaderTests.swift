import Synchronization
import Testing

@testable import RPC

@Suite("Slow readers", .timeLimit(.minutes(1)))
struct SlowReaderTests {
    private static let megabyte = 1 << 20

    /// Small buffers, so that a reader is behind soon.
    private var limits: RPCLimits {
        var limits = RPCLimits.defaults
        limits.unreadBytes = 2 * Self.megabyte
        limits.unreadMessages = 2
        limits.pendingWriteBytes = Self.megabyte
        return limits
    }

    /// Streams messages of 1 MiB, numbered, and counts those that were taken from the handler.
    private func router(
        _ written: Counter, total: Int, ended: OneShot<Void> = OneShot()
    ) -> RPCRouter {
        var router = RPCRouter()
        router.serverStreaming(testMethod("Stream")) { _, _, writer in
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
                    try await ended.value()
                    for try await _ in stream {}
                }
            }
            #expect(error?.code == .deadlineExceeded)
            // The buffers of both sides and of the kernel; without waiting there were far more.
            #expect(written.value < 40)
        }
    }

    @Test("a peer that reads nothing from its socket makes the handler wait")
    func peerReadsNothing() async throws {
        let written = Counter()
        let ended = OneShot<Void>()
        let (router, limits) = (router(written, total: 1_000_000, ended: ended), limits)
        try await withServer(router, change: { $0.limits = limits }) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            try await peer.stopReading()
            let headers = Frame.Headers(
                method: testMethod("Stream"), timeoutMicroseconds: 2_000_000, metadata: Metadata())
            try await peer.send(.headers(1, headers))
            try await peer.send(.message(1, parts(of: RPCMessage(body: []))[0]))
            try await ended.value()
            #expect(written.value < 40)
            peer.close()
        }
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add() { count.withLock { $0 += 1 } }
}
