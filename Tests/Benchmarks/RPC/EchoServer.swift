import ArgumentParser
import Foundation
import Glibc
import Logging
import RPC

/// The servers of `benchmark rpc`: answer a message with the same message.
struct EchoServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The server of the other commands.", shouldDisplay: false)

    @Flag(help: "Answer each frame by one frame, with SwiftNIO alone.")
    var frames = false
    @Option(help: "Milliseconds that a handler waits.")
    var delay = 0
    @Option(help: "Milliseconds that a handler computes, on the one thread that computes.")
    var compute = 0
    @Flag(help: "Compute on the cooperative pool's threads instead, as no handler should.")
    var onPool = false
    @Flag(help: "Refuse what cannot be done in time.")
    var admission = false
    @Option(help: "Calls at a time on a connection.")
    var streams = RPCLimits.defaults.concurrentStreams

    func run() async throws {
        guard !frames else { return try await FrameEcho.run() }
        var router = RPCRouter()
        if admission {
            router.add(try AdmissionInterceptor([RPCBenchmarks.echo: .defaults]))
        }
        let computing = DispatchQueue(label: "computing")
        router.unary(RPCBenchmarks.echo) { [delay, compute, onPool] request, _ in
            if delay > 0 { try await Task.sleep(for: .milliseconds(delay)) }
            if compute > 0, onPool {
                Self.compute(milliseconds: compute)
            } else if compute > 0 {
                await withCheckedContinuation { continuation in
                    computing.async {
                        Self.compute(milliseconds: compute)
                        continuation.resume()
                    }
                }
            }
            return request
        }
        var configuration = RPCServerConfiguration.defaults(
            address: RPCAddress(host: "127.0.0.1", port: 0))
        configuration.limits.concurrentStreams = streams
        let server = RPCServer(
            router: router, configuration: configuration,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let running = Task { try await server.run() }
        try say(["versions": ["port": "\(try await server.boundAddress().port)"]])
        Thread {
            while readLine() != nil {}
            server.beginGracefulShutdown()
        }.start()
        try await running.value
    }

    /// The same work whoever shares the core: processor time of the thread.
    private static func compute(milliseconds: Int) {
        func nanoseconds() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return time.tv_sec * 1_000_000_000 + time.tv_nsec
        }
        let end = nanoseconds() + milliseconds * 1_000_000
        while nanoseconds() < end {}
    }
}
