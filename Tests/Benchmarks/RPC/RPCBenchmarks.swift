import ArgumentParser
import BenchmarkReport
import Foundation
import RPC

/// What our protocol costs, beside gRPC's.
struct RPCBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rpc", abstract: "Calls over loopback, beside grpc-swift-2.",
        discussion: """
            Server and load are processes of their own on different cores (taskset). h2load \
            (Debian's nghttp2-client) drives gRPC's servers, a loop over one socket drives ours: \
            both write prepared bytes, so that it is the server that limits.
            """,
        subcommands: [UnaryBenchmark.self, EchoServer.self, EchoLoad.self])

    /// The method that is called.
    static let echo = RPCMethod(service: "llara.benchmark.v1.Echo", name: "Echo")
}

/// Prints one line of JSON for whoever started this process.
func say(_ object: [String: Any]) throws {
    let line = try JSONSerialization.data(withJSONObject: object)
    FileHandle.standardOutput.write(line + Data("\n".utf8))
}

/// What a program prints that is to succeed.
func outputOf(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchmarkFailure(description: "\(arguments.joined(separator: " ")) failed: \(text)")
    }
    return text
}
