import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

/// The shell on a channel without a socket, where writability is the test's to say.
@Suite("Server connection handler", .timeLimit(.minutes(1)))
struct ServerConnectionHandlerTests {
    private func connect(
        _ router: RPCRouter = testRouter(),
        change: (inout RPCServerConfiguration) -> Void = { _ in }
    ) throws -> EmbeddedChannel {
        var configuration = RPCServerConfiguration.defaults(
            address: RPCAddress(host: "127.0.0.1", port: 0))
        change(&configuration)
        let handler = ServerConnectionHandler(
            router: router, configuration: configuration,
            connections: ServerConnections(limit: configuration.connections), logger: quietLogger)
        let channel = EmbeddedChannel(handler: handler)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9)).wait()
        try channel.writeInbound(
            ByteBuffer(bytes: Preface.bytes + bytes(of: .settings(Settings(.defaults)))))
        return channel
    }

    /// What the server has flushed first, taken apart.
    private func sent(by channel: EmbeddedChannel) throws -> [Inbound] {
        let result = decode([try flushed(by: channel)], expectsPreface: true)
        #expect(result.violation == nil)
        return result.inbound
    }

    /// What it has flushed since.
    private func frames(of channel: EmbeddedChannel) throws -> [Frame] {
        decode([try flushed(by: channel)]).inbound.compactMap {
            if case .frame(let frame) = $0 { frame } else { nil }
        }
    }

    private func flushed(by channel: EmbeddedChannel) throws -> [UInt8] {
        channel.embeddedEventLoop.run()
        var all: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            all += Array(buffer.readableBytesView)
        }
        return all
    }

    @Test("the server's half of the handshake does not wait for the client's")
    func handshake() throws {
        let channel = try connect()
        #expect(
            try sent(by: channel) == [
                .preface(version: 1), .frame(.settings(Settings(.defaults))),
            ])
        _ = try channel.finish()
    }

    @Test("answers of one turn of the loop leave together")
    func coalescing() throws {
        let channel = try connect()
        _ = try sent(by: channel)
        let pings = (0..<3).map { bytes(of: .ping($0, isAcknowledgement: false)) }
        for ping in pings { try channel.writeInbound(ByteBuffer(bytes: ping)) }
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        channel.embeddedEventLoop.run()
        for _ in 0..<3 { #expect(try channel.readOutbound(as: ByteBuffer.self) != nil) }
        _ = try channel.finish()
    }

    @Test("a peer that asks and never reads the answers is cut off")
    func flood() throws {
        let channel = try connect {
            $0.limits.pendingWriteBytes = 1
            $0.limits.sentMessageBytes = 1
            $0.limits.framePayloadBytes = 32 * 1024
            $0.limits.metadataEntries = 1
        }
        channel.isWritable = false
        // Each is refused by TRAILERS of about 90 bytes, of which 64 KiB may wait.
        var headers = Frame.Headers(method: testMethod("A"), metadata: Metadata())
        for key in ["a", "b"] { headers.metadata.add(text: "", for: key) }
        var id: StreamID = 1
        while channel.isActive, id < 4000 {
            try channel.writeInbound(ByteBuffer(bytes: bytes(of: .headers(id, headers))))
            id += 2
        }
        #expect(!channel.isActive)
        #expect(id > 1000)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    @Test("the third PING that comes too soon ends the connection by that name")
    func strikes() throws {
        let channel = try connect()
        _ = try sent(by: channel)
        for number: UInt64 in 0..<3 {
            try channel.writeInbound(
                ByteBuffer(bytes: bytes(of: .ping(number, isAcknowledgement: false))))
        }
        #expect(channel.isActive)
        try channel.writeInbound(ByteBuffer(bytes: bytes(of: .ping(3, isAcknowledgement: false))))
        let last = try frames(of: channel).last
        guard case .goAway(let goAway)? = last else {
            Issue.record("no GOAWAY, but \(String(describing: last))")
            return
        }
        #expect(goAway.code == .tooManyPings && goAway.reason.contains("pingInterval"))
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a peer that reads may ask as much as the server's limit allows")
    func noFlood() throws {
        let channel = try connect {
            $0.limits.pendingWriteBytes = 1
            $0.limits.pingInterval = .zero
        }
        let pings = ByteBuffer(
            bytes: (0..<100).map { _ in bytes(of: .ping(1, isAcknowledgement: false)) }.joined())
        for _ in 0..<20 {
            try channel.writeInbound(pings)
            channel.embeddedEventLoop.run()
        }
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test("bytes after a violation are not looked at")
    func afterViolation() throws {
        let channel = try connect()
        _ = try sent(by: channel)
        try channel.writeInbound(ByteBuffer(bytes: rawFrame(type: 99)))
        try channel.writeInbound(ByteBuffer(bytes: bytes(of: .ping(1, isAcknowledgement: false))))
        channel.embeddedEventLoop.run()
        var frames = 0
        while try channel.readOutbound(as: ByteBuffer.self) != nil { frames += 1 }
        #expect(frames == 1, "GOAWAY alone")
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}
