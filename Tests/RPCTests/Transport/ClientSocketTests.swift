import NIOCore
import Synchronization
import Testing

@testable import RPC

/// The client against servers that say what they like, or die.
@Suite("Client over sockets", .timeLimit(.minutes(1)))
struct ClientSocketTests {
    private func echo(_ client: RPCClient, _ number: UInt8 = 1) async -> RPCError? {
        await status {
            let answer = try await client.unary(
                testMethod("Echo"), RPCMessage(body: [number]), options: .defaults)
            #expect(answer.body == [number])
        }
    }

    @Test("calls go to the replicas in turn")
    func roundRobin() async throws {
        let counts = Mutex([0, 0])
        @Sendable func router(_ index: Int) -> RPCRouter {
            var router = RPCRouter()
            router.unary(testMethod("Echo")) { request, _ in
                counts.withLock { $0[index] += 1 }
                return request
            }
            return router
        }
        try await withServer(router(0)) { _, first in
            try await withServer(router(1)) { _, second in
                try await withClient(
                    of: [first, second], change: { $0.balancing = .roundRobin }
                ) { client in
                    // Once both have answered, both are connected.
                    while counts.withLock({ $0.contains(0) }) { #expect(await echo(client) == nil) }
                    counts.withLock { $0 = [0, 0] }
                    for _ in 0..<10 { #expect(await echo(client) == nil) }
                    #expect(counts.withLock { $0 } == [5, 5])
                }
            }
        }
    }

    @Test("killing one of two replicas loses at most the calls in flight on it")
    func killedReplica() async throws {
        let callers = 8
        let failures = Counter()
        let doomed = try await RawServer.listen()
        // Answers until the call number 100, then dies without a word: listener and connection.
        let death = Task {
            let peer = try await doomed.accept()
            for _ in 0..<100 { try await peer.echoOnce() }
            try await doomed.close()
            peer.close()
        }
        try await withServer(testRouter()) { _, survivor in
            try await withClient(of: [doomed.address, survivor]) { client in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<callers {
                        group.addTask {
                            for number in 0..<200 {
                                guard let error = await echo(client, UInt8(number)) else {
                                    continue
                                }
                                #expect(error.code == .unavailable)
                                failures.add()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                try await death.value
                for number: UInt8 in 0..<20 { #expect(await echo(client, number) == nil) }
            }
        }
        #expect(failures.value <= callers)
    }

    @Test("a call under way when its connection breaks is UNAVAILABLE")
    func lostConnection() async throws {
        let server = try await RawServer.listen()
        try await withClient(of: [server.address]) { client in
            async let error = echo(client)
            let peer = try await server.accept()
            guard case .headers? = await peer.next() else {
                Issue.record("no call")
                return
            }
            peer.close()
            #expect(await error?.code == .unavailable)
        }
        try await server.close()
    }

    @Test("a call that GOAWAY refuses is made again on the next connection")
    func refusedCall() async throws {
        let server = try await RawServer.listen()
        try await withClient(of: [server.address]) { client in
            async let error = echo(client, 9)
            let first = try await server.accept()
            _ = await first.next()
            _ = await first.next()
            try await first.send(.goAway(GoAway(lastStreamID: 0, code: .shutdown, reason: "bye")))
            #expect(await first.next() == nil, "nothing is left on it, so that it is closed")
            let second = try await server.accept()
            guard case .headers(let id, _)? = await second.next(),
                case .message(_, let part)? = await second.next()
            else {
                Issue.record("no second try")
                return
            }
            try await second.send(
                .message(
                    id, Frame.MessagePart(bytes: part.bytes, endsStream: false, hasMore: false)))
            try await second.send(.trailers(id, .ok))
            #expect(await error == nil)
        }
        try await server.close()
    }

    @Test("a call that is refused again and again fails after its retries")
    func refusedForEver() async throws {
        let server = try await RawServer.listen()
        try await withClient(of: [server.address], change: { $0.retry.transparentRetries = 2 }) {
            client in
            // How often it comes depends on the backoff, so whoever comes is refused.
            let refusing = Task {
                while true {
                    let peer = try await server.accept()
                    _ = await peer.next()
                    try await peer.send(
                        .goAway(GoAway(lastStreamID: 0, code: .shutdown, reason: "go away")))
                }
            }
            defer { refusing.cancel() }
            let end = await echo(client)
            #expect(end?.code == .unavailable)
            #expect(end?.message.contains("go away") == true)
        }
        try await server.close()
    }

    @Test("a response that is too large fails its call and no other")
    func tooLarge() async throws {
        let server = try await RawServer.listen()
        try await withClient(
            of: [server.address], change: { $0.limits.receivedMessageBytes = 1000 }
        ) { client in
            async let large = echo(client)
            let peer = try await server.accept()
            guard case .headers(let id, _)? = await peer.next() else { return }
            _ = await peer.next()
            let part = parts(
                of: RPCMessage(body: [UInt8](repeating: 0, count: 2000)), endsStream: false)[0]
            try await peer.send(.message(id, part))
            #expect(await large?.code == .resourceExhausted)
            #expect(await peer.next() == .cancel(id, .cancelled))
            try await peer.send(.trailers(id, .ok))

            async let small = echo(client)
            guard case .headers(let next, _)? = await peer.next(),
                case .message(_, var answer)? = await peer.next()
            else { return }
            answer.endsStream = false
            try await peer.send(.message(next, answer))
            try await peer.send(.trailers(next, .ok))
            #expect(await small == nil)
        }
        try await server.close()
    }

    @Test("a request that the server would not take fails before it is sent")
    func peerLimits() async throws {
        let server = try await RawServer.listen()
        try await withClient(of: [server.address]) { client in
            async let error = status {
                _ = try await client.unary(
                    testMethod("Echo"), RPCMessage(body: [UInt8](repeating: 0, count: 100)),
                    options: .defaults)
            }
            var limits = RPCLimits.defaults
            limits.receivedMessageBytes = 107
            let peer = try await server.accept(limits: limits)
            #expect(await error?.code == .resourceExhausted)
            peer.close()
        }
        try await server.close()
    }

    @Test("a server that breaks the protocol fails its calls with the reason")
    func brokenServer() async throws {
        let server = try await RawServer.listen()
        try await withClient(of: [server.address]) { client in
            async let error = echo(client)
            let peer = try await server.accept()
            _ = await peer.next()
            try await peer.send(rawFrame(type: 99))
            let end = await error
            #expect(end?.code == .unavailable)
            #expect(end?.message.contains("frame type 99") == true)
        }
        try await server.close()
    }

    @Test("without any replica a call fails soon, naming every address and reason")
    func nobodyListens() async throws {
        let gone = try await withServer(testRouter()) { _, address in address }
        try await withClient(
            of: [gone],
            change: {
                $0.initialBackoff = .seconds(50)
                $0.maximumBackoff = .seconds(50)
            }
        ) { client in
            let error = await echo(client)
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("\(gone)") == true)
        }
    }

    @Test("a client that nobody runs says so after its wait")
    func notRunning() async throws {
        var configuration = RPCClientConfiguration.defaults
        configuration.connectWait = .milliseconds(20)
        let client = RPCClient(
            replicas: [RPCAddress(host: "127.0.0.1", port: 1)], configuration: configuration,
            logger: quietLogger)
        let error = await echo(client)
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("not connected yet") == true)
    }

    @Test("a call waits for a connection no longer than its deadline")
    func waitEndsAtDeadline() async throws {
        var configuration = RPCClientConfiguration.defaults
        configuration.connectWait = .seconds(50)
        let client = RPCClient(
            replicas: [RPCAddress(host: "127.0.0.1", port: 1)], configuration: configuration,
            logger: quietLogger)
        let error = await status {
            _ = try await client.unary(
                testMethod("Echo"), RPCMessage(body: []),
                options: CallOptions(timeout: .milliseconds(20)))
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.contains("was not sent") == true, "\(error?.message ?? "")")
    }

    @Test("a replica that comes back is used again")
    func reconnects() async throws {
        let address = try await withServer(testRouter()) { _, address in address }
        try await withClient(of: [address]) { client in
            var configuration = RPCServerConfiguration.defaults(address: address)
            configuration.lingerTimeout = .milliseconds(200)
            for round in 0..<2 {
                let server = RPCServer(
                    router: testRouter(), configuration: configuration, logger: quietLogger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await server.run() }
                    _ = try await server.boundAddress()
                    while await echo(client) != nil { await Task.yield() }
                    #expect(await echo(client, UInt8(round)) == nil)
                    server.beginGracefulShutdown()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("shutting down lets calls finish and refuses new ones")
    func shutdown() async throws {
        let signals = HandlerSignals()
        try await withServer(testRouter(signals)) { _, address in
            try await withClient(of: [address], change: { $0.drainTimeout = .seconds(30) }) {
                client in
                async let answer = client.unary(
                    testMethod("Stubborn"), RPCMessage(body: [4]), options: .defaults)
                _ = try await signals.started.value()
                client.beginGracefulShutdown()
                while await echo(client) == nil {}
                signals.released.fulfil(.success(()))
                #expect(try await answer.body == [4])
            }
        }
    }

    @Test("a server that says nothing is given up after the handshake timeout")
    func silentServer() async throws {
        let server = try await RawServer.listen()
        try await withClient(
            of: [server.address],
            change: {
                $0.limits.handshakeTimeout = .milliseconds(30)
                $0.initialBackoff = .seconds(50)
                $0.maximumBackoff = .seconds(50)
            }
        ) { client in
            let error = await echo(client)
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("no handshake") == true)
        }
        try await server.close()
    }
}
