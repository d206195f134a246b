import ArgumentParser
import BenchmarkReport
import Foundation
import RPC

/// What our protocol costs, beside gRPC's.
struct RPCBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc", abstract: "Calls over loopback, beside gRPC's.",
        discussion: """
            Server and load are processes of their own on different cores (taskset). h2load \
            (Debian's nghttp2-client) drives gRPC's servers in closed loops, a loop over one \
            socket drives the rest: both write prepared bytes, so that it is the server that \
            limits. C++ gRPC is Debian's libgrpc++-dev, compiled at the start with g++.
            """,
        subcommands: [
            UnaryBenchmark.self, CostBenchmark.self, LatencyBenchmark.self, TensorBenchmark.self,
            FootprintBenchmark.self, ReplicaBenchmark.self, OverloadBenchmark.self,
            EchoServer.self, LoadCommand.self, ReplicaLoad.self,
        ])

    /// The method that is called.
    static let echo = RPCMethod(service: "llara.benchmark.v1.Echo", name: "Echo")
}

/// Prints one line of JSON for whoever started this process.
func say(_ object: [String: Any]) throws {
    let line = try JSONSerialization.data(withJSONObject: object)
    FileHandle.standardOutput.write(line + Data("\n".utf8))
}
