import BenchmarkReport
import Foundation
import RPC

/// Debian's h2load, which drives gRPC's servers in a closed loop.
struct H2Load {
    private let server: PinnedServer
    private let inFlight: Int
    private let options: PinningOptions
    private let body: URL

    /// - Parameters:
    ///   - folder: where the request is written.
    ///   - bytes: of a request, any bytes.
    init(
        _ server: PinnedServer, folder: URL, bytes: Int, inFlight: Int, options: PinningOptions
    ) throws {
        guard FileManager.default.isExecutableFile(atPath: Self.program) else {
            throw BenchmarkFailure(
                description: "no \(Self.program); install Debian's nghttp2-client")
        }
        self.server = server
        self.inFlight = inFlight
        self.options = options
        body = folder.appending(path: "request-\(bytes).grpc")
        // A gRPC message: not compressed, its length, and the bytes.
        try Data([0] + WireBytes.big(UInt32(bytes)) + [UInt8](repeating: 7, count: bytes))
            .write(to: body)
    }

    private static let program = "/usr/bin/h2load"

    /// Calls a second; what the load left of its core goes to `idleness`.
    func callsPerSecond(_ idleness: LoadIdleness) throws -> Double {
        let before = ProcessorTime.children
        let start = ContinuousClock.now
        let output = try outputOf(
            "/usr/bin/taskset",
            [
                "-c", "\(options.loadCore)", Self.program, "-c1", "-m\(inFlight)", "-w30", "-W30",
                "-D", "\(max(1, Int(options.seconds)))", "--data", body.path,
                "-H", "content-type: application/grpc", "-H", "te: trailers",
                "http://127.0.0.1:\(server.port)/\(RPCBenchmarks.echo.service)/\(RPCBenchmarks.echo.name)",
            ])
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        idleness.add(1 - (ProcessorTime.children - before) / elapsed, of: "h2load")
        guard let rate = rate(in: output), isWhole(output) else {
            throw BenchmarkFailure(description: "h2load saw calls fail: \(output)")
        }
        return rate
    }

    /// From the line `finished in 3.00s, 12345.67 req/s, 1.23MB/s`.
    private func rate(in output: String) -> Double? {
        output.split(separator: "\n").first { $0.hasPrefix("finished") }?
            .split(separator: ",").dropFirst().first?
            .split(separator: " ").first.flatMap { Double($0) }
    }

    /// Whether there is a line `requests: …, 0 failed, 0 errored, 0 timeout`.
    private func isWhole(_ output: String) -> Bool {
        output.split(separator: "\n").contains { line in
            line.hasPrefix("requests:") && line.contains(" 0 failed, 0 errored")
        }
    }
}
