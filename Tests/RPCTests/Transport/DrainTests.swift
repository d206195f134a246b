import Testing

@testable import RPC

@Suite("Drain", .timeLimit(.minutes(1)))
struct DrainTests {
    @Test("calls in flight finish, new ones are not taken, then the server returns")
    func drain() async throws {
        let signals = HandlerSignals()
        try await withServer(
            testRouter(signals), change: { $0.drainTimeout = .seconds(30) }
        ) { server, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            try await peer.call("Stubborn", RPCMessage(body: [5]), on: 1)
            _ = try await signals.started.value()
            server.beginGracefulShutdown()
            guard case .goAway(let goAway)? = await peer.next() else {
                Issue.record("no GOAWAY")
                return
            }
            #expect(goAway.lastStreamID == 1)
            #expect(goAway.code == .shutdown)
            // Nobody will answer this one, by its id.
            try await peer.call("Echo", RPCMessage(body: [6]), on: 3)
            signals.released.fulfil(.success(()))
            guard case .message(1, _)? = await peer.next() else {
                Issue.record("no answer")
                return
            }
            #expect(await peer.next() == .trailers(1, .ok))
            #expect(await peer.next() == nil)
        }
    }

    @Test("what has not finished by the drain timeout ends with UNAVAILABLE")
    func drainTimeout() async throws {
        let signals = HandlerSignals()
        try await withServer(
            testRouter(signals), change: { $0.drainTimeout = .milliseconds(50) }
        ) { server, address in
            try await withClient(of: [address]) { client in
                try await withThrowingTaskGroup(of: RPCError?.self) { group in
                    group.addTask {
                        await status {
                            _ = try await client.unary(
                                testMethod("Hang"), RPCMessage(body: []), options: .defaults)
                        }
                    }
                    _ = try await signals.started.value()
                    server.beginGracefulShutdown()
                    let error = try await group.next() ?? nil
                    #expect(error?.code == .unavailable)
                    try await signals.cancelled.value()
                }
            }
        }
    }

    @Test("cancelling run() ends the calls and returns")
    func cancelled() async throws {
        let signals = HandlerSignals()
        let configuration = RPCServerConfiguration.defaults(
            address: RPCAddress(host: "127.0.0.1", port: 0))
        let server = RPCServer(
            router: testRouter(signals), configuration: configuration, logger: quietLogger)
        try await withThrowingTaskGroup(of: RPCError?.self) { group in
            group.addTask { await status { try await server.run() } }
            let peer = try await RawPeer.connectAndShakeHands(with: try await server.boundAddress())
            try await peer.call("Hang", RPCMessage(body: []), on: 1)
            _ = try await signals.started.value()
            group.cancelAll()
            #expect(try await group.next() ?? nil == nil)
            try await signals.cancelled.value()
            guard case .trailers(1, let status)? = await peer.next() else {
                // GOAWAY of the drain may come first.
                guard case .trailers(1, let status)? = await peer.next() else {
                    Issue.record("no status")
                    return
                }
                #expect(status.code == .unavailable)
                return
            }
            #expect(status.code == .unavailable)
        }
    }

    @Test("an idle server returns at once, with clients connected")
    func idle() async throws {
        try await withServer(
            testRouter(),
            change: {
                $0.drainTimeout = .seconds(50); $0.lingerTimeout = .seconds(50)
            }
        ) { server, address in
            try await withClient(of: [address]) { client in
                try await connect(client)
                server.beginGracefulShutdown()
            }
        }
    }

    @Test("no call fails while one of two replicas drains")
    func drainUnderLoad() async throws {
        try await withServer(
            testRouter(), change: { $0.drainTimeout = .seconds(30) }
        ) { first, firstAddress in
            try await withServer(testRouter()) { _, secondAddress in
                try await withClient(of: [firstAddress, secondAddress]) { client in
                    try await connect(client)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<8 {
                            group.addTask {
                                for number in 0..<100 {
                                    let message = RPCMessage(body: [UInt8(number)])
                                    let answer = try await client.unary(
                                        testMethod("Echo"), message, options: .defaults)
                                    #expect(answer == message)
                                    if number == 50 { first.beginGracefulShutdown() }
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                }
            }
        }
    }
}
