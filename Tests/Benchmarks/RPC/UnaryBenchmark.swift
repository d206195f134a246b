import ArgumentParser
import BenchmarkReport
import Foundation

/// Calls a second that one server core answers, in a closed loop.
struct UnaryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unary",
        abstract: "Calls a second of one server core: ours beside grpc-swift-2.")

    @Option(help: "Bytes of a request, and of its response.")
    var bytes = 1_024
    @Option(help: "Calls in flight.")
    var inFlight = 64
    @Option(help: "Seconds of one measurement.")
    var seconds = 3.0
    @Option(help: "Core of the servers.")
    var serverCore = 0
    @Option(help: "Core of the load.")
    var loadCore = 1
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        let own = Bundle.main.executablePath ?? CommandLine.arguments[0]
        let ours = try server(own, ["rpc", "serve"])
        let load = try BaselineProcess(
            executable: "/usr/bin/taskset",
            arguments: [
                "-c", "\(loadCore)", own, "rpc", "load", "--port", ours.port, "--in-flight",
                "\(inFlight)", "--bytes", "\(bytes)",
            ])
        let folder = URL(filePath: own).deletingLastPathComponent()
        let grpc = try server(folder.appending(path: "grpc-echo").path, [])
        let body = try requestFile()
        defer { try? FileManager.default.removeItem(at: body) }
        var idle: [String: [Double]] = [:]
        let comparison = Comparison(
            "\(bytes) B unary, \(inFlight) in flight, one server core", unit: "calls/s",
            ours: Contender("llara RPC") {
                let answer = try load.ask(["seconds": seconds])
                idle["ours", default: []].append(answer["idle"] as? Double ?? 0)
                guard let value = answer["value"] as? Double else {
                    throw BenchmarkFailure(description: "the load answered without a value")
                }
                return value
            },
            baselines: [
                Contender(
                    "grpc-swift-2 \(grpc.process.versions["grpc-swift-2"] ?? ""), h2load",
                    target: .ratioAtLeast(5)
                ) {
                    let result = try h2load(port: grpc.port, body)
                    idle["h2load", default: []].append(result.idle)
                    return result.callsPerSecond
                }
            ])
        try await options.report([comparison]) {
            idle.sorted { $0.key < $1.key }.map { name, shares in
                let least = Int(((shares.min() ?? 0) * 100).rounded())
                return "The load core was idle for at least \(least) % (\(name))."
            }
        }
    }

    private struct Server {
        var process: BaselineProcess
        var port: String
    }

    private func server(_ executable: String, _ arguments: [String]) throws -> Server {
        let process = try BaselineProcess(
            executable: "/usr/bin/taskset",
            arguments: ["-c", "\(serverCore)", executable] + arguments)
        guard let port = process.versions["port"] else {
            throw BenchmarkFailure(description: "\(executable) said no port")
        }
        return Server(process: process, port: port)
    }

    /// A gRPC message: not compressed, its length, and the bytes.
    private func requestFile() throws -> URL {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).grpc")
        let length = (0..<4).reversed().map { UInt8(bytes >> (8 * $0) & 255) }
        try Data([0] + length + [UInt8](repeating: 7, count: bytes)).write(to: file)
        return file
    }

    private func h2load(port: String, _ body: URL) throws -> (callsPerSecond: Double, idle: Double)
    {
        let before = ProcessorTime.children
        let start = ContinuousClock.now
        let output = try outputOf(
            "/usr/bin/taskset",
            [
                "-c", "\(loadCore)", "h2load", "-c1", "-m\(inFlight)", "-D", "\(Int(seconds))",
                "--data", body.path, "-H", "content-type: application/grpc", "-H", "te: trailers",
                "http://127.0.0.1:\(port)/llara.benchmark.v1.Echo/Echo",
            ])
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        let used = ProcessorTime.children - before
        // finished in 3.00s, 12345.67 req/s, 1.23MB/s
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("finished") }),
            let part = line.split(separator: ",").dropFirst().first,
            let value = part.split(separator: " ").first.flatMap({ Double($0) })
        else { throw BenchmarkFailure(description: "h2load printed no rate: \(output)") }
        return (value, 1 - used / elapsed)
    }
}
