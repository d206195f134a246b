import ArgumentParser
import BenchmarkReport
import Foundation

/// Floats a second through one server core, in a closed loop.
struct TensorBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tensor",
        abstract: "A float32 tensor there and back: ours as attachment beside grpc-swift-2.",
        discussion: """
            grpc-swift-2 answers the same number of bytes as they came: what decoding a repeated \
            field would cost is not counted.
            """)

    @Option(help: "Rows of the tensor.")
    var rows = 64
    @Option(help: "Columns of the tensor.")
    var columns = 576
    @Option(help: "Calls in flight.")
    var inFlight = 64
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await Surroundings.withTemporaryFolder { folder in
            let (ours, swift) = (try pinning.llara(), try pinning.grpcSwift())
            let idleness = LoadIdleness()
            let megabytes = Double(rows * columns * 4) / 1e6
            let load = try pinning.load(
                ours, ["--rows", "\(rows)", "--columns", "\(columns)"], idleness)
            let swiftLoad = try H2Load(
                swift, folder: folder, bytes: rows * columns * 4, inFlight: inFlight,
                options: pinning)
            let request: [String: Any] = ["seconds": pinning.seconds, "inFlight": inFlight]
            let comparison = Comparison(
                "\(rows) x \(columns) float32, \(inFlight) in flight, one server core, each way",
                unit: "MB/s",
                ours: Contender(ours.name) {
                    try load.ask(request)["value"] * megabytes
                },
                baselines: [
                    Contender("\(swift.name), h2load", target: .ratioAtLeast(3)) {
                        try swiftLoad.callsPerSecond(idleness) * megabytes
                    }
                ])
            try await options.report([comparison]) { idleness.notes }
        }
    }
}
