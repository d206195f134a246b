import ArgumentParser
import BenchmarkReport
import Foundation

/// How long calls take while the server has time to spare, in an open loop.
struct LatencyBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "p99 of calls that begin at given times: ours beside grpc-swift-2.",
        discussion: """
            Both get the same rate, half of grpc-swift-2's maximum, from the same load: bytes \
            prepared before, Poisson arrivals, times counted from the intended begin of a call, \
            whether or not it could be sent then. h2load --rps would do neither.
            """)

    @Option(help: "Bytes of a request, and of its response.")
    var bytes = 1_024
    @Option(help: "Calls a second (default: half of grpc-swift-2's maximum, measured first).")
    var rate: Double?
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await Surroundings.withTemporaryFolder { folder in
            let (ours, frames) = (try pinning.llara(), try pinning.frames())
            let swift = try pinning.grpcSwift()
            let idleness = LoadIdleness()
            let rate = try rate ?? halfOfMaximum(swift, folder)
            let size = ["--bytes", "\(bytes)"]
            let oursLoad = try pinning.load(ours, size, idleness)
            let frameLoad = try pinning.load(frames, size + ["--wire", "frames"], idleness)
            let swiftLoad = try pinning.load(swift, size + ["--wire", "http2"], idleness)
            var medians: [String: [Double]] = [:]
            func p99(_ load: PinnedLoad, _ name: String) throws -> Double {
                let answer = try load.ask(["seconds": pinning.seconds, "rate": rate])
                guard answer["failures"] + answer["refusals"] == 0 else {
                    throw BenchmarkFailure(description: "calls of \(name) failed")
                }
                medians[name, default: []].append(answer["p50"] * 1_000)
                return answer["p99"] * 1_000
            }
            let comparison = Comparison(
                "\(bytes) B unary, \(Int(rate)) calls/s, one server core: p99", unit: "µs",
                ours: Contender(ours.name) { try p99(oursLoad, ours.name) },
                baselines: [
                    Contender(swift.name, target: .ratioAtMost(0.2)) {
                        try p99(swiftLoad, swift.name)
                    },
                    // What the machine itself makes of such a load.
                    Contender(frames.name) { try p99(frameLoad, frames.name) },
                ])
            try await options.report([comparison]) {
                medians.sorted { $0.key < $1.key }.map { name, values in
                    "Median of \(name): \(Int(Sample(values).median)) µs."
                } + idleness.notes
            }
        }
    }

    private func halfOfMaximum(_ server: PinnedServer, _ folder: URL) throws -> Double {
        let load = try H2Load(
            server, folder: folder, bytes: bytes, inFlight: 64, options: pinning)
        // Once to warm up.
        _ = try load.callsPerSecond(LoadIdleness())
        return try (load.callsPerSecond(LoadIdleness()) / 2).rounded()
    }
}
