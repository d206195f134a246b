import Testing

@testable import RPC

@Suite("Inspection of a server", .timeLimit(.minutes(1)))
struct ServerInspectionTests {
    @Test("shows connections with their open calls, and calls once they have ended")
    func live() async throws {
        let signals = HandlerSignals()
        let inspection = ServerInspection()
        var router = testRouter(signals)
        router.add(inspection)
        let none = await inspection.connections()
        #expect(none.oldest.isEmpty && none.count == 0)
        try await withServer(router, inspection: inspection) { _, address in
            try await withClient(of: [address]) { client in
                let body = RPCMessage(body: [UInt8](repeating: 1, count: 1_000))
                _ = try await client.unary(testMethod("Echo"), body)
                let hanging = Task {
                    await status { _ = try await client.unary(testMethod("Hang"), body) }
                }
                _ = try await signals.started.value()
                let connections = await inspection.connections()
                #expect(connections.count == 1)
                let connection = try #require(connections.oldest.first)
                #expect(connection.peer.hasPrefix("127.0.0.1:"))
                #expect(connection.startedCallCount == 2)
                #expect(connection.openCalls.map(\.method) == [testMethod("Hang")])
                #expect(connection.receivedBytes > 2_000 && connection.sentBytes > 1_000)
                #expect(!connection.isDraining)
                #expect(inspection.slowCalls().map(\.method) == [testMethod("Echo")])
                #expect(inspection.slowCalls().first?.code == .ok)
                hanging.cancel()
                #expect(await hanging.value?.code == .cancelled)
                // The server hears of it after the caller.
                while inspection.slowCalls().count < 2 { await Task.yield() }
                let codes = Set(inspection.slowCalls().map(\.code))
                #expect(codes == [.ok, .cancelled])
            }
        }
    }

    @Test("tells as many open calls of a connection as the limit, and no more")
    func manyCalls() async throws {
        let inspection = ServerInspection()
        var router = testRouter()
        router.add(inspection)
        try await withServer(router, inspection: inspection) { _, address in
            try await withClient(of: [address]) { client in
                await withThrowingTaskGroup(of: Void.self) { group in
                    func openCalls(_ count: Int) async -> Int? {
                        while true {
                            let found = await inspection.connections().oldest.first
                            if found?.startedCallCount == UInt64(count) {
                                return found?.openCalls.count
                            }
                            await Task.yield()
                        }
                    }
                    let limit = ServerInspection.maximumCalls
                    for count in 1...limit + 1 {
                        group.addTask {
                            _ = try await client.unary(testMethod("Hang"), RPCMessage(body: []))
                        }
                        #expect(await openCalls(count) == min(count, limit))
                    }
                    group.cancelAll()
                    while await group.nextResult() != nil {}
                }
            }
        }
    }
}
