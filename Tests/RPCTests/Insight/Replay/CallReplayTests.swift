import Synchronization
import Testing

@testable import RPC

@Suite("Replaying calls", .timeLimit(.minutes(1)))
struct CallReplayTests {
    private func fast(_ calls: Int = 4) -> ReplayConfiguration {
        var configuration = ReplayConfiguration.defaults
        configuration.pace = .inFlight(calls)
        return configuration
    }

    @Test("makes every kind of call again and compares how they end", arguments: Way.allCases)
    func kinds(way: Way) async throws {
        let calls = [
            RecordedCall(method: testMethod("Echo"), requests: [RPCMessage(body: [1])]),
            RecordedCall(method: testMethod("Count"), requests: [RPCMessage(body: [9])]),
            RecordedCall(
                method: testMethod("Sum"), requests: (1...3).map { RPCMessage(body: [$0]) }),
            RecordedCall(
                method: testMethod("EchoStream"),
                requests: (1...50).map { RPCMessage(body: [$0]) }),
            RecordedCall(
                method: testMethod("CountThenFail"), requests: [RPCMessage(body: [2])],
                code: .dataLoss),
            RecordedCall(method: testMethod("Invented"), requests: [RPCMessage(body: [])]),
            RecordedCall(method: testMethod("FailEarly"), requests: [], hasAllRequests: true),
        ]
        let report = try await way.withCaller(of: testRouter()) { caller in
            try await CallReplay(on: caller, configuration: fast()).run(calls)
        }
        #expect(report.calls == 7 && report.changed == 1)
        #expect(report.codes == [.ok: 5, .dataLoss: 1, .unimplemented: 1])
        #expect(report.recordedCodes == [.ok: 6, .dataLoss: 1])
        let changed = ReplayReport.Outcome(recorded: .ok, replayed: .unimplemented)
        #expect(report.outcomes[changed] == 1)
        #expect(report.latency.median > .zero)
        #expect(report.latency.percentile99 >= report.latency.median)
    }

    @Test("plays back what was recorded")
    func recorded() async throws {
        try await withScratchPath { path in
            let recorder = try everything(at: path)
            let insight = RPCInsight(recorder: recorder)
            let caller = InProcessTransport(
                router: testRouter(), logger: quietLogger, insight: insight)
            for number in 0..<20 {
                _ = try await caller.unary(testMethod("Echo"), RPCMessage(body: [UInt8(number)]))
            }
            await recorder.close()
            let calls = try CallRecords(readingFile: path).calls
            let bare = InProcessTransport(
                router: testRouter(), logger: quietLogger, insight: .none)
            let report = try await CallReplay(on: bare, configuration: fast()).run(calls)
            #expect(report.calls == recorder.counts.written && report.changed == 0)
        }
    }

    /// Takes down until when the replay waits, and does not wait.
    private final class Waits: Sendable {
        private let instants = Mutex<[ContinuousClock.Instant]>([])
        var all: [ContinuousClock.Instant] { instants.withLock { $0 } }
        func add(_ instant: ContinuousClock.Instant) { instants.withLock { $0.append(instant) } }
    }

    @Test("keeps the spacing of the record, divided by the speed")
    func spacing() async throws {
        let waits = Waits()
        var configuration = ReplayConfiguration.defaults
        configuration.pace = .original(speed: 4)
        let caller = InProcessTransport(router: testRouter(), logger: quietLogger)
        let calls = [3, 1, 2].map {
            RecordedCall(
                method: testMethod("Echo"), arrival: .seconds($0), requests: [RPCMessage(body: [])])
        }
        let replay = try CallReplay(on: caller, configuration: configuration) { waits.add($0) }
        let report = try await replay.run(calls)
        let all = waits.all
        #expect(all.count == 3)
        #expect(all[0].duration(to: all[1]) == .milliseconds(250))
        #expect(all[1].duration(to: all[2]) == .milliseconds(250))
        #expect(report.calls == 3 && report.delayed == 0)
    }

    @Test("has no more calls under way than it may, and counts those that came late by that")
    func inFlight() async throws {
        let signals = HandlerSignals()
        var configuration = ReplayConfiguration.defaults
        configuration.mostInFlight = 2
        let caller = InProcessTransport(router: testRouter(signals), logger: quietLogger)
        let calls = (0..<3).map { _ in
            RecordedCall(method: testMethod("Stubborn"), requests: [RPCMessage(body: [])])
        }
        let waits = Waits()
        let replay = try CallReplay(on: caller, configuration: configuration) { instant in
            waits.add(instant)
            guard waits.all.count == 3 else { return }
            // Both places are taken; they become free when the third has had to wait.
            Task {
                for _ in 0..<1000 { await Task.yield() }
                signals.released.fulfil(.success(()))
            }
        }
        let report = try await replay.run(calls)
        #expect(report.calls == 3 && report.delayed == 1)
    }

    @Test("sends the metadata given in place of the record's, and none of the old call's own")
    func metadata() {
        var configuration = fast()
        configuration.metadata.add(text: "Bearer new", for: "authorization")
        configuration.metadata.add(text: "new", for: "x-a")
        var call = RecordedCall(
            method: testMethod("A"), remaining: .milliseconds(70), requests: [])
        for key in ["traceparent", "tracestate", "llara-attempt", "x-a", "x-b"] {
            call.metadata.add(text: "old", for: key)
        }
        let options = configuration.options(of: call)
        #expect(options.metadata.entries.map(\.key) == ["authorization", "x-a", "x-b"])
        #expect(options.metadata.text("x-a") == "new")
        #expect(options.timeout == .milliseconds(70))
        call.remaining = nil
        #expect(configuration.options(of: call).timeout == .seconds(60))
    }

    @Test("ends when its task is cancelled")
    func cancelled() async throws {
        let signals = HandlerSignals()
        let caller = InProcessTransport(router: testRouter(signals), logger: quietLogger)
        let replay = try CallReplay(on: caller, configuration: fast(1))
        let run = Task {
            try await replay.run([
                RecordedCall(method: testMethod("Hang"), requests: [RPCMessage(body: [])])
            ])
        }
        _ = try await signals.started.value()
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        try await signals.cancelled.value()
    }

    @Test("refuses settings outside their ranges by their names")
    func ranges() {
        func message(_ change: (inout ReplayConfiguration) -> Void) -> String? {
            var configuration = ReplayConfiguration.defaults
            change(&configuration)
            do {
                try configuration.validate()
                return nil
            } catch {
                return error.message
            }
        }
        #expect(message { $0.pace = .original(speed: 1000) } == nil)
        #expect(message { $0.pace = .original(speed: 1001) }?.hasPrefix("replay.speed") == true)
        #expect(message { $0.pace = .original(speed: 0) }?.hasPrefix("replay.speed") == true)
        #expect(message { $0.pace = .inFlight(100_000) } == nil)
        #expect(message { $0.pace = .inFlight(100_001) }?.hasPrefix("replay.inFlight") == true)
        #expect(message { $0.mostInFlight = 0 }?.hasPrefix("replay.mostInFlight") == true)
        #expect(message { $0.timeout = .zero }?.hasPrefix("replay.timeout") == true)
        #expect(
            message { $0.metadata.add(text: "a", for: "A") }?.hasPrefix("replay.metadata") == true)
    }
}
