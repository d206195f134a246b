internal import Synchronization

/// Makes recorded calls again: for load as it was, and to see whether a change answers alike.
///
/// Calls are made whatever they do: point it at servers whose data may change.
public struct CallReplay: Sendable {
    private struct Ended: Sendable {
        var outcome: ReplayReport.Outcome
        var latency: Duration
        var recordedLatency: Duration
    }

    private let caller: any RPCCaller
    private let configuration: ReplayConfiguration
    private let sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    /// A replay on whatever `caller` calls.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming the setting that is out of range.
    public init(on caller: any RPCCaller, configuration: ReplayConfiguration = .defaults) throws {
        try self.init(on: caller, configuration: configuration) {
            try await Task.sleep(until: $0, clock: .continuous)
        }
    }

    /// `sleep` waits until an instant.
    init(
        on caller: any RPCCaller, configuration: ReplayConfiguration,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) throws(RPCError) {
        try configuration.validate()
        self.caller = caller
        self.configuration = configuration
        self.sleep = sleep
    }

    /// Makes all calls, in the order of their arrival, and waits for their ends.
    ///
    /// - Throws: CancellationError if the task is cancelled, which cancels the calls under way.
    public func run(_ calls: [RecordedCall]) async throws -> ReplayReport {
        let calls = calls.sorted { $0.arrival < $1.arrival }
        let began = ContinuousClock.now
        var (ended, delayed): ([Ended], Int) = ([], 0)
        let running = RunningCalls()
        try await withThrowingTaskGroup(of: Ended.self) { group in
            var unread = 0
            for call in calls {
                let due = configuration.due(call, first: calls[0].arrival)
                if let due { try await sleep(began + due) }
                try Task.checkCancellation()
                if unread == configuration.places {
                    if due != nil, running.count == configuration.places { delayed += 1 }
                    if let one = try await group.next() { ended.append(one) }
                    unread -= 1
                }
                running.add(1)
                unread += 1
                group.addTask {
                    defer { running.add(-1) }
                    return await make(call)
                }
            }
            for try await one in group { ended.append(one) }
        }
        try Task.checkCancellation()
        return report(ended, delayed: delayed, elapsed: began.duration(to: .now))
    }

    private func report(_ ended: [Ended], delayed: Int, elapsed: Duration) -> ReplayReport {
        var report = ReplayReport()
        for call in ended { report.outcomes[call.outcome, default: 0] += 1 }
        report.latency = ReplayReport.Latency(ended.map(\.latency))
        report.recordedLatency = ReplayReport.Latency(ended.map(\.recordedLatency))
        report.delayed = delayed
        report.elapsed = elapsed
        return report
    }

    private func make(_ call: RecordedCall) async -> Ended {
        let began = ContinuousClock.now
        var code = RPCError.Code.ok
        do {
            // One request may be anything but a stream of them, and is sent as both kinds are.
            let single = call.requests.count == 1 && call.hasAllRequests ? call.requests[0] : nil
            let options = configuration.options(of: call)
            try await caller.call(call.method, single, options: options) { made in
                if single == nil {
                    try await Self.exchange(call.requests, made)
                } else {
                    for try await _ in made.responses {}
                }
            }
        } catch {
            code = (error as? RPCError)?.code ?? .cancelled
        }
        return Ended(
            outcome: ReplayReport.Outcome(recorded: call.code, replayed: code),
            latency: began.duration(to: .now), recordedLatency: call.duration)
    }

    /// Writes the requests and reads the responses at once, as a server may wait for either.
    private static func exchange(_ requests: [RPCMessage], _ call: RPCCall) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for request in requests { try await call.requests.write(request) }
                try await call.requests.finish()
            }
            // The responses tell how the call ended; who ends it early need not read all requests.
            for try await _ in call.responses {}
            group.cancelAll()
        }
    }
}

/// Calls under way.
private final class RunningCalls: Sendable {
    private let value = Atomic(0)

    var count: Int { value.load(ordering: .relaxed) }

    func add(_ change: Int) { value.add(change, ordering: .relaxed) }
}
