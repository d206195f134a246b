import ArgumentParser
import BenchmarkReport
import Foundation

/// Where servers and loads run, and for how long.
struct PinningOptions: ParsableArguments {
    @Option(help: "Seconds of one measurement.")
    var seconds = 3.0
    @Option(help: "Core of the servers.")
    var serverCore = 0
    @Option(help: "Core of the load.")
    var loadCore = 1

    func validate() throws {
        guard seconds > 0 else { throw ValidationError("--seconds must be positive") }
        guard serverCore != loadCore else {
            throw ValidationError("--server-core and --load-core must differ")
        }
    }

    /// Starts one of our servers; `options` are those of `benchmark rpc serve`.
    func llara(
        _ options: [String] = [], environment: [String: String] = [:]
    ) throws -> PinnedServer {
        try PinnedServer(
            "llara RPC", [Self.program, "rpc", "serve"] + options, core: serverCore, environment)
    }

    /// Starts grpc-swift-2, which is built beside this program.
    func grpcSwift(environment: [String: String] = [:]) throws -> PinnedServer {
        let program = URL(filePath: Self.program).deletingLastPathComponent()
            .appending(path: "grpc-echo").path
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw BenchmarkFailure(
                description: "no \(program); build it: "
                    + "LLARA_BENCHMARKS=1 swift build -c release --product grpc-echo")
        }
        return try PinnedServer("grpc-swift-2", [program], core: serverCore, environment)
    }

    /// Compiles and starts gRPC's server in C++.
    func grpcCpp(environment: [String: String] = [:]) throws -> PinnedServer {
        let program = try Surroundings.compile(
            "grpc_echo.cpp", library: "grpc++", package: "libgrpc++-dev")
        return try PinnedServer("C++ gRPC", [program], core: serverCore, environment)
    }

    /// Starts the server of frames without calls.
    func frames() throws -> PinnedServer {
        try PinnedServer(
            "SwiftNIO, a frame for a frame", [Self.program, "rpc", "serve", "--frames"],
            core: serverCore, [:])
    }

    /// Starts a load of `server`; `options` are those of `benchmark rpc load`.
    func load(
        _ server: PinnedServer, _ options: [String], _ idleness: LoadIdleness = LoadIdleness()
    ) throws -> PinnedLoad {
        try PinnedLoad(
            of: [server], core: loadCore, ["load", "--port", server.port] + options,
            name: server.name, idleness)
    }

    /// This program.
    static var program: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }
}

/// A server of the benchmark in a process of its own, on one core.
struct PinnedServer {
    /// With the version, where the server says one.
    let name: String
    let port: String
    let process: BaselineProcess

    init(
        _ name: String, _ command: [String], core: Int, _ environment: [String: String]
    ) throws {
        process = try BaselineProcess(
            executable: "/usr/bin/taskset", arguments: ["-c", "\(core)"] + command,
            environment: environment)
        guard let port = process.versions["port"] else {
            throw BenchmarkFailure(description: "\(name) said no port")
        }
        self.port = port
        self.name = process.versions[name].map { "\(name) \($0)" } ?? name
    }
}
