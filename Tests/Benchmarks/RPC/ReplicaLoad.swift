import ArgumentParser
import BenchmarkReport
import Domain
import Foundation
import Histogram
import Logging
import RPC

/// The client of `benchmark rpc replicas`: calls in an open loop through ``RPCClient``.
///
/// Asked for `{"seconds": 3, "rate": 500}` it answers with percentiles in milliseconds.
struct ReplicaLoad: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "A client of the other commands.", shouldDisplay: false)

    /// How replicas are chosen.
    enum Policy: String, ExpressibleByArgument {
        case leastLoaded = "least-loaded"
        case roundRobin = "round-robin"
    }

    @Argument(help: "How replicas are chosen: least-loaded, with ejection, or round-robin.")
    var policy: Policy
    @Argument(help: "Ports of the replicas on this machine.")
    var ports: [Int]

    func run() async throws {
        var configuration = RPCClientConfiguration.defaults
        if policy == .roundRobin {
            configuration.balancing = .roundRobin
            configuration.ejection = nil
        }
        let client = RPCClient(
            replicas: ports.map { RPCAddress(host: "127.0.0.1", port: $0) },
            configuration: configuration,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await client.run() }
        try say(["versions": [String: String]()])
        while let line = readLine() {
            let request = LoadAnswer(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:])
            try await say(measure(client, rate: request["rate"], seconds: request["seconds"]))
        }
        client.beginGracefulShutdown()
        try await running.value
    }

    private func measure(
        _ client: RPCClient, rate: Double, seconds: Double
    ) async throws -> [String: Any] {
        var times = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
        let processorSeconds = ProcessorTime.own
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup(of: UInt64.self) { group in
            var generator = SeededGenerator(seed: 1)
            var offset = 0.0
            while offset < seconds {
                let intended = begin.advanced(by: .seconds(offset))
                try await Task.sleep(until: intended, tolerance: .zero, clock: .continuous)
                group.addTask {
                    _ = try await client.unary(
                        RPCBenchmarks.echo, RPCMessage(body: [UInt8](repeating: 7, count: 64)))
                    return UInt64((ContinuousClock.now - intended) / .nanoseconds(1))
                }
                offset -= log(1 - Double.random(in: 0..<1, using: &generator)) / rate
            }
            for try await taken in group { _ = times.record(max(1, taken)) }
        }
        let elapsed = (ContinuousClock.now - begin) / .seconds(1)
        return [
            "p99": Double(times.valueAtPercentile(99)) / 1e6,
            "idle": 1 - (ProcessorTime.own - processorSeconds) / elapsed,
        ]
    }
}
