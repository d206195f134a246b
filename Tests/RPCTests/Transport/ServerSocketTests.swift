import NIOCore
import Testing

@testable import RPC

/// The server against peers that say what they like.
@Suite("Server over sockets", .timeLimit(.minutes(1)))
struct ServerSocketTests {
    /// Sends `bytes` and returns the GOAWAY that must follow, then the connection's end.
    private func goAway(
        for bytes: [UInt8], handshake: Bool = true, from address: RPCAddress
    ) async throws -> GoAway? {
        let peer = try await RawPeer.connect(to: address)
        // A server that refuses at once may have closed before the last byte.
        let shaking =
            handshake ? Preface.bytes + RPCTests.bytes(of: .settings(Settings(.defaults))) : []
        try? await peer.send(shaking + bytes)
        var goAway: GoAway?
        while let frame = await peer.next() {
            if case .goAway(let received) = frame { goAway = received }
        }
        return goAway
    }

    private func expectGoAway(
        _ code: GoAwayCode, for bytes: [UInt8], handshake: Bool = true, from address: RPCAddress
    ) async throws {
        let goAway = try await goAway(for: bytes, handshake: handshake, from: address)
        #expect(goAway?.code == code)
    }

    @Test("a malformed frame closes its connection with a reason and hurts no other")
    func malformedFrame() async throws {
        try await withServer(testRouter()) { _, address in
            try await withClient(of: [address]) { client in
                try await connect(client)
                let cases: [([UInt8], GoAwayCode)] = [
                    (rawFrame(type: 99), .malformed),
                    (rawFrame(type: 3, flags: 1, stream: 1, claiming: 1 << 30), .frameTooLarge),
                    (rawFrame(type: 7, reserved: 7, [UInt8](repeating: 0, count: 8)), .malformed),
                    (rawFrame(type: 2, stream: 1, [1, 2, 3]), .malformed),
                    (bytes(of: .trailers(1, .ok)), .malformed),
                    (bytes(of: .settings(Settings(.defaults))), .malformed),
                    (rawFrame(type: 3, flags: 1, stream: 1, [0]), .malformed),
                ]
                for (bytes, code) in cases {
                    let goAway = try await goAway(for: bytes, from: address)
                    #expect(goAway?.code == code)
                    #expect(goAway?.reason.isEmpty == false)
                    let answer = try await client.unary(
                        testMethod("Echo"), RPCMessage(body: [1]), options: .defaults)
                    #expect(answer.body == [1])
                }
            }
        }
    }

    @Test("another protocol, another version and frames without handshake are refused")
    func handshake() async throws {
        try await withServer(testRouter()) { _, address in
            let http = Array("GET / HTTP/1.1\r\n\r\n".utf8)
            try await expectGoAway(.malformed, for: http, handshake: false, from: address)
            let version = Preface.magic + [2]
            try await expectGoAway(
                .unsupportedVersion, for: version, handshake: false, from: address)
            let early = Preface.bytes + bytes(of: .ping(1, isAcknowledgement: false))
            try await expectGoAway(.malformed, for: early, handshake: false, from: address)
        }
    }

    @Test("a violation stops the handlers of its connection")
    func violationStopsHandlers() async throws {
        let signals = HandlerSignals()
        try await withServer(testRouter(signals)) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            try await peer.call("Hang", RPCMessage(body: []), on: 1)
            _ = try await signals.started.value()
            try await peer.send(rawFrame(type: 99))
            try await signals.cancelled.value()
        }
    }

    @Test("a lost connection stops its handlers")
    func lossStopsHandlers() async throws {
        let signals = HandlerSignals()
        try await withServer(testRouter(signals)) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            try await peer.call("Hang", RPCMessage(body: []), on: 1)
            _ = try await signals.started.value()
            peer.close()
            try await signals.cancelled.value()
        }
    }

    @Test("a peer that says nothing is told so and closed")
    func handshakeTimeout() async throws {
        try await withServer(
            testRouter(), change: { $0.limits.handshakeTimeout = .milliseconds(50) }
        ) { _, address in
            try await expectGoAway(.handshakeTimeout, for: [], handshake: false, from: address)
            try await expectGoAway(
                .handshakeTimeout, for: Preface.bytes, handshake: false, from: address)
        }
    }

    @Test("connections are taken up to the limit, and the next one is told so")
    func connectionLimit() async throws {
        try await withServer(testRouter(), change: { $0.connections = 1 }) { _, address in
            let first = try await RawPeer.connectAndShakeHands(with: address)
            try await first.call("Echo", RPCMessage(body: [1]), on: 1)
            _ = await first.next()
            try await expectGoAway(.tooManyConnections, for: [], handshake: false, from: address)
            try await first.send(.ping(7, isAcknowledgement: false))
            #expect(await first.next() == .trailers(1, .ok))
            #expect(await first.next() == .ping(7, isAcknowledgement: true))
            first.close()
        }
    }

    @Test("a call whose bytes drip in one by one is answered")
    func dripFed() async throws {
        try await withServer(testRouter()) { _, address in
            let peer = try await RawPeer.connect(to: address)
            let message = RPCMessage(body: [1, 2, 3])
            let content = parts(of: message)[0]
            let all =
                Preface.bytes
                + bytes(
                    of: .settings(Settings(.defaults)),
                    .headers(1, Frame.Headers(method: testMethod("Echo"), metadata: Metadata())),
                    .message(1, content))
            for byte in all { try await peer.send([byte]) }
            guard case .message(1, let answer)? = await peer.next() else {
                Issue.record("no answer")
                return
            }
            #expect(answer.bytes == content.bytes)
            #expect(await peer.next() == .trailers(1, .ok))
            peer.close()
        }
    }

    @Test("requests beyond the limits end their call, and the connection goes on")
    func requestLimits() async throws {
        try await withServer(
            testRouter(),
            change: {
                $0.limits.receivedMessageBytes = 100; $0.limits.metadataEntries = 1
            }
        ) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            func code() async -> RPCError.Code? {
                if case .trailers(_, let status)? = await peer.next() { status.code } else { nil }
            }
            let large = RPCMessage(body: [UInt8](repeating: 0, count: 93))
            try await peer.call("Echo", large, on: 1)
            #expect(await code() == .resourceExhausted)
            var headers = Frame.Headers(method: testMethod("Echo"), metadata: Metadata())
            headers.metadata.add(text: "1", for: "a")
            headers.metadata.add(text: "2", for: "b")
            try await peer.send(.headers(3, headers))
            #expect(await code() == .resourceExhausted)
            try await peer.call("Echo", RPCMessage(body: [UInt8](repeating: 0, count: 92)), on: 5)
            guard case .message(5, _)? = await peer.next() else {
                Issue.record("no answer")
                return
            }
            #expect(await code() == .ok)
            peer.close()
        }
    }

    @Test("more than a window of requests that nobody reads ends the connection")
    func unreadRequests() async throws {
        let signals = HandlerSignals()
        try await withServer(
            testRouter(signals), change: { $0.limits.streamWindowBytes = 65_536 }
        ) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            let headers = Frame.Headers(method: testMethod("Collect"), metadata: Metadata())
            try await peer.send(.headers(1, headers))
            let body = [UInt8](repeating: 1, count: 60_000)
            let part = parts(of: RPCMessage(body: body), endsStream: false)[0]
            for _ in 0..<2 { try await peer.send(.message(1, part)) }
            guard case .goAway(let goAway)? = await peer.next() else {
                Issue.record("no GOAWAY")
                return
            }
            #expect(goAway.code == .flowControl)
            signals.released.fulfil(.success(()))
            peer.close()
        }
    }

    @Test("the server ends a call at its deadline without the client's help")
    func serverDeadline() async throws {
        let signals = HandlerSignals()
        try await withServer(testRouter(signals)) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            let headers = Frame.Headers(
                method: testMethod("Hang"), timeoutMicroseconds: 2_000_000, metadata: Metadata())
            try await peer.send(.headers(1, headers))
            try await peer.send(.message(1, parts(of: RPCMessage(body: []))[0]))
            guard case .trailers(1, let status)? = await peer.next() else {
                Issue.record("no status")
                return
            }
            #expect(status.code == .deadlineExceeded)
            try await signals.cancelledIfStarted()
            peer.close()
        }
    }

    @Test("the longest timeout that the wire can say is no trap")
    func longestTimeout() async throws {
        try await withServer(testRouter()) { _, address in
            let peer = try await RawPeer.connectAndShakeHands(with: address)
            let headers = Frame.Headers(
                method: testMethod("Echo"), timeoutMicroseconds: .max, metadata: Metadata())
            try await peer.send(.headers(1, headers))
            try await peer.send(.message(1, parts(of: RPCMessage(body: []))[0]))
            _ = await peer.next()
            #expect(await peer.next() == .trailers(1, .ok))
            peer.close()
        }
    }

    @Test("an address that is taken is named")
    func addressTaken() async throws {
        try await withServer(testRouter()) { _, address in
            let second = RPCServer(
                router: testRouter(), configuration: .defaults(address: address),
                logger: quietLogger)
            let error = await status { try await second.run() }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("\(address)") == true)
            await #expect(throws: RPCError.self) { try await second.boundAddress() }
        }
    }
}
