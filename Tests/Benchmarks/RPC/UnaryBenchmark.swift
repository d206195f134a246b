import ArgumentParser
import BenchmarkReport
import Foundation

/// Calls a second that one server core answers, in a closed loop.
struct UnaryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unary",
        abstract: "Calls a second of one server core: ours beside gRPC's and beside SwiftNIO alone."
    )

    @Option(help: "Bytes of a request, and of its response.")
    var bytes = 1_024
    @Option(help: "Calls in flight.")
    var inFlight = 64
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await Surroundings.withTemporaryFolder { folder in
            let (ours, frames) = (try pinning.llara(), try pinning.frames())
            let (swift, cpp) = (try pinning.grpcSwift(), try pinning.grpcCpp())
            let idleness = LoadIdleness()
            let request: [String: Any] = ["seconds": pinning.seconds, "inFlight": inFlight]
            let size = ["--bytes", "\(bytes)"]
            let load = try pinning.load(ours, size, idleness)
            let frameLoad = try pinning.load(
                frames, size + ["--wire", "frames"], idleness)
            let swiftLoad = try h2load(swift, folder)
            let cppLoad = try h2load(cpp, folder)
            let comparison = Comparison(
                "\(bytes) B unary, \(inFlight) in flight, one server core", unit: "calls/s",
                ours: Contender(ours.name) { try load.ask(request)["value"] },
                baselines: [
                    Contender("\(swift.name), h2load", target: .ratioAtLeast(5)) {
                        try swiftLoad.callsPerSecond(idleness)
                    },
                    Contender("\(cpp.name), h2load", target: .ratioAtLeast(1)) {
                        try cppLoad.callsPerSecond(idleness)
                    },
                    Contender(frames.name, target: .ratioAtLeast(0.3)) {
                        try frameLoad.ask(request)["value"]
                    },
                ])
            try await options.report([comparison]) { idleness.notes }
        }
    }

    private func h2load(_ server: PinnedServer, _ folder: URL) throws -> H2Load {
        try H2Load(server, folder: folder, bytes: bytes, inFlight: inFlight, options: pinning)
    }
}
