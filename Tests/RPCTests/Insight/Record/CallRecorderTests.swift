import Foundation
import Testing

@testable import RPC

@Suite("Recording calls", .timeLimit(.minutes(1)))
struct CallRecorderTests {
    /// Records what `body` calls over a socket, and reads the file.
    private func recorded(
        signals: HandlerSignals = HandlerSignals(),
        change: (inout CallRecorderConfiguration) -> Void = { _ in },
        _ body: @Sendable (RPCClient) async throws -> Void
    ) async throws -> (records: CallRecords, counts: CallRecorder.Counts) {
        try await withScratchPath { path in
            let recorder = try everything(at: path, change: change)
            try await withServer(testRouter(signals), insight: RPCInsight(recorder: recorder)) {
                _, address in
                try await withClient(of: [address], body)
            }
            await recorder.close()
            return (try CallRecords(readingFile: path), recorder.counts)
        }
    }

    @Test("takes down what was asked, how, when and how it ended")
    func unary() async throws {
        let (records, counts) = try await recorded { client in
            var options = CallOptions(timeout: .seconds(30))
            options.metadata.add(text: "Bearer secret", for: "authorization")
            options.metadata.add(text: "7", for: "x-topic")
            _ = try await client.unary(
                testMethod("Echo"), RPCMessage(body: [1, 2]), options: options)
            _ = await status {
                _ = try await client.unary(testMethod("Invented"), RPCMessage(body: [3]))
            }
        }
        #expect(counts.written == 2 && records.warning == nil)
        let call = try #require(records.calls.first)
        #expect(call.method == testMethod("Echo") && call.code == .ok)
        #expect(call.requests == [RPCMessage(body: [1, 2])] && call.hasAllRequests)
        #expect(call.metadata.text("x-topic") == "7")
        #expect(call.metadata.text("authorization") == nil)
        let remaining = try #require(call.remaining)
        #expect(remaining > .zero && remaining <= .seconds(30))
        #expect(call.duration > .zero && call.arrival > .zero)
        let unknown = try #require(records.calls.last)
        #expect(unknown.code == .unimplemented && unknown.remaining == nil)
    }

    @Test("takes down requests that had come and that no handler has read")
    func unread() async throws {
        try await withScratchPath { path in
            let recorder = try everything(at: path)
            let caller = InProcessTransport(
                router: testRouter(), logger: quietLogger, insight: RPCInsight(recorder: recorder))
            _ = await status {
                _ = try await caller.unary(testMethod("Invented"), RPCMessage(body: [5]))
            }
            // The caller has its answer before the call is taken down.
            while recorder.counts.written == 0 { await Task.yield() }
            await recorder.close()
            let records = try CallRecords(readingFile: path)
            #expect(records.calls.first?.requests == [RPCMessage(body: [5])])
            #expect(records.calls.first?.hasAllRequests == true)
        }
    }

    @Test("takes down streams of requests")
    func streams() async throws {
        let (records, _) = try await recorded { client in
            _ = try await client.clientStreaming(testMethod("Sum")) { writer in
                for number in 1...3 { try await writer.write(RPCMessage(body: [UInt8(number)])) }
            }
        }
        #expect(records.calls.first?.requests.map(\.body) == [[1], [2], [3]])
        #expect(records.calls.first?.hasAllRequests == true)
    }

    @Test("leaves out calls with more than the largest requests")
    func largeCalls() async throws {
        let (records, counts) = try await recorded(change: { $0.callBytes = 10 }) { client in
            _ = try await client.unary(testMethod("Echo"), RPCMessage(body: [1, 2]))
            _ = try await client.unary(testMethod("Echo"), RPCMessage(body: [1, 2, 3]))
        }
        #expect(records.calls.map { $0.requests.map(\.body) } == [[[1, 2]]])
        #expect(counts.written == 1 && counts.tooLarge == 1)
    }

    @Test("drops calls that do not fit its memory, which go on")
    func memory() async throws {
        // As much as one call of two bytes takes, with the trace's header.
        let signals = HandlerSignals()
        let base = CallRecorder.callBaseBytes
        let (records, counts) = try await recorded(
            signals: signals, change: { $0.heldBytes = 2 * base }
        ) { client in
            let first = Task {
                try await client.unary(testMethod("Stubborn"), RPCMessage(body: [1]))
            }
            _ = try await signals.started.value()
            // The first is under way and holds what it needs.
            let second = try await client.unary(testMethod("Echo"), RPCMessage(body: [2]))
            #expect(second.body == [2])
            signals.released.fulfil(.success(()))
            _ = try await first.value
        }
        #expect(records.calls.map(\.method) == [testMethod("Stubborn")])
        #expect(counts.dropped == 1 && counts.written == 1)
    }

    @Test("ends when the file is full, and what is in it can be read")
    func fullFile() async throws {
        let (records, counts) = try await recorded(change: { $0.fileBytes = 4096 }) { client in
            let request = RPCMessage(body: [UInt8](repeating: 1, count: 1000))
            for _ in 0..<10 { _ = try await client.unary(testMethod("Echo"), request) }
        }
        #expect(counts.written + counts.unwritten == 10)
        #expect((2...3).contains(counts.written) && records.calls.count == counts.written)
        #expect(records.warning == nil)
    }

    @Test("takes the share that its generator chooses")
    func share() async throws {
        try await withScratchPath { path in
            var configuration = CallRecorderConfiguration(path: path)
            configuration.share = 0.5
            let context = CallContext(method: testMethod("A"))
            let low = try CallRecorder(
                configuration, logger: quietLogger, generator: ConstantGenerator(value: 0))
            #expect(low.begin(context) != nil)
            try FileManager.default.removeItem(atPath: path)
            let high = try CallRecorder(
                configuration, logger: quietLogger, generator: ConstantGenerator(value: .max))
            #expect(high.begin(context) == nil)
        }
    }

    @Test("writes nothing of what ends after it was closed")
    func closed() async throws {
        try await withScratchPath { path in
            let recorder = try everything(at: path)
            let recording = try #require(recorder.begin(CallContext(method: testMethod("A"))))
            await recorder.close()
            recording.end(unread: [], .end(.ok), .ok, duration: .zero)
            // A second close waits for what was asked before it.
            await recorder.close()
            #expect(recorder.counts.unwritten == 1)
            #expect(try CallRecords(readingFile: path).calls.isEmpty)
        }
    }
}
