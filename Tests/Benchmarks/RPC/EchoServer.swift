import ArgumentParser
import Foundation
import Logging
import RPC

/// The server of `benchmark rpc`: answers a message with the same message.
struct EchoServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The server of the other commands.", shouldDisplay: false)

    func run() async throws {
        var router = RPCRouter()
        router.unary(RPCBenchmarks.echo) { request, _ in request }
        let server = RPCServer(
            router: router,
            configuration: .defaults(address: RPCAddress(host: "127.0.0.1", port: 0)),
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run() }
        try say(["versions": ["port": "\(try await server.boundAddress().port)"]])
        Thread {
            while readLine() != nil {}
            server.beginGracefulShutdown()
        }.start()
        try await running.value
    }
}
