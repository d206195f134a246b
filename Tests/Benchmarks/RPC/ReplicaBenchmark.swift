import ArgumentParser
import BenchmarkReport
import Foundation

/// What one slow replica does to callers.
struct ReplicaBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replicas",
        abstract: "p99 with a slow replica among three: balancing by load beside round robin.",
        discussion: """
            Both clients call the same three servers at given times (Poisson arrivals, times from \
            the intended begin). Ours chooses the less loaded of two and ejects outliers, as by \
            default; the other takes replicas in turn and ejects none. The turn that does not count \
            is when ours learns.
            """)

    @Option(help: "Milliseconds by which one replica is slower.")
    var delay = 50
    @Option(help: "Calls a second.")
    var rate = 500.0
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        let servers = try ["0", "0", "\(delay)"].map { try pinning.llara(["--delay", $0]) }
        let idleness = LoadIdleness()
        func contender(_ name: String, _ policy: String, target: Target? = nil) throws -> Contender
        {
            let load = try PinnedLoad(
                of: servers, core: pinning.loadCore, ["call", policy] + servers.map(\.port),
                name: name, idleness)
            return Contender(name, target: target) {
                try load.ask(["seconds": pinning.seconds, "rate": rate])["p99"]
            }
        }
        let comparison = Comparison(
            "One of three replicas \(delay) ms slow, \(Int(rate)) calls/s: p99", unit: "ms",
            ours: try contender("less loaded of two, ejection", "least-loaded"),
            baselines: [
                try contender("round robin", "round-robin", target: .ratioAtMost(0.2))
            ])
        try await options.report([comparison]) { idleness.notes }
    }
}
