import InMemoryLogging
import Logging
import Testing

@testable import RPC

@Suite("The log of a call")
struct CallLogTests {
    let method = RPCMethod(service: "test.v1.Test", name: "Get")
    let handler = InMemoryLogHandler()

    func call(_ answer: @escaping @Sendable () throws -> RPCMessage) async -> [Logger.Level: String]
    {
        var router = RPCRouter()
        router.unary(method) { _, _ in try answer() }
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .debug
        let transport = InProcessTransport(router: router, logger: logger)
        _ = try? await transport.unary(method, RPCMessage(body: []), options: .defaults)
        // The line is written after the caller has its answer.
        while handler.entries.isEmpty { await Task.yield() }
        return Dictionary(
            handler.entries.map { ($0.level, "\($0.metadata)") }, uniquingKeysWith: { $0 + $1 })
    }

    @Test("is one quiet line with method, code and trace id when all is well")
    func ok() async {
        let lines = await call { RPCMessage(body: [1]) }
        #expect(Array(lines.keys) == [.debug])
        #expect(lines[.debug]?.contains("OK") == true)
        #expect(lines[.debug]?.contains("trace_id") == true)
    }

    @Test("is a louder line when it fails, and never holds the status message")
    func failed() async {
        let lines = await call { throw RPCError(code: .notFound, message: "user Zoe is unknown") }
        #expect(Array(lines.keys) == [.info])
        #expect(lines[.info]?.contains("NOT_FOUND") == true)
        #expect(lines[.info]?.contains("Zoe") == false)
    }
}
