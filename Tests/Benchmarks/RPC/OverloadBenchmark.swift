import ArgumentParser
import BenchmarkReport
import Foundation

/// What a server still does when it is asked for more than it can.
struct OverloadBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload",
        abstract: "Goodput under several times the load that a server can bear, and refusals.",
        discussion: """
            Each call takes 2 ms of the server's only core; the peak is what a closed loop gets. \
            The overload comes in an open loop of that many times the peak just measured. Goodput \
            counts successful answers within the measurement. The time to refuse runs from the \
            intended begin of a call to its status.
            """)

    @Option(help: "The load, in multiples of the peak.")
    var factor = 4.0
    @Option(help: "Milliseconds of processor time that a call takes.")
    var compute = 2
    @Flag(help: "Compute on the cooperative pool's threads, as no handler should.")
    var onPool = false
    @Option(help: "Milliseconds after which a caller gives up.")
    var timeout = 500
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    /// Longest time to refuse, in milliseconds.
    private static let refusalLimit = 5.0

    func run() async throws {
        let idleness = LoadIdleness()
        let server = try pinning.llara(
            [
                "--admission", "--compute", "\(compute)", "--streams", "100000",
            ] + (onPool ? ["--on-pool"] : []))
        let load = try pinning.load(
            server, ["--bytes", "64", "--timeout", "\(timeout)"], idleness)
        var peak = 0.0
        var answers: [LoadAnswer] = []
        func measurePeak() throws -> Double {
            let request: [String: Any] = ["seconds": pinning.seconds, "inFlight": 8]
            peak = try load.ask(request)["value"]
            return peak
        }
        func overload() throws -> LoadAnswer {
            let answer = try load.ask(["seconds": pinning.seconds, "rate": peak * factor])
            answers.append(answer)
            return answer
        }
        // The first round's load; the peak is measured after each.
        _ = try measurePeak()
        let goodput = Comparison(
            "Goodput at \(factor) times the peak, \(compute) ms of computing a call",
            unit: "calls/s",
            ours: Contender("llara RPC, overloaded") { try overload()["value"] },
            baselines: [
                Contender("its peak", target: .ratioAtLeast(0.9)) { try measurePeak() }
            ])
        let refusals = Comparison(
            "Time to refuse in the same state: p99", unit: "ms",
            ours: Contender("llara RPC, overloaded") { try overload()["refusalP99"] },
            baselines: [
                Contender("what is allowed", target: .ratioAtMost(1)) { Self.refusalLimit }
            ])
        try await options.report([goodput, refusals]) {
            func median(_ name: String) -> String {
                String(format: "%.1f", Sample(answers.map { $0[name] }).median)
            }
            return [
                "Under overload, medians: a successful call takes \(median("p50")) ms, a refusal "
                    + "\(median("refusalP50")) ms; \(median("failures")) calls of a measurement were "
                    + "taken and came to nothing."
            ] + idleness.notes
        }
    }
}
