import NIOCore
import NIOPosix

@testable import RPC

/// The other end of a connection, which says exactly what a test lets it say.
final class RawPeer: Sendable {
    private let channel: any Channel
    let inbound: AsyncStream<Inbound>

    private init(channel: any Channel, inbound: AsyncStream<Inbound>) {
        self.channel = channel
        self.inbound = inbound
    }

    /// Connects to a server.
    static func connect(to address: RPCAddress) async throws -> RawPeer {
        try await ClientBootstrap(group: EventLoops.shared)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture { try install(on: channel) }
            }
    }

    /// Connects, shakes hands, and reads the server's half of that.
    static func connectAndShakeHands(with address: RPCAddress) async throws -> RawPeer {
        let peer = try await connect(to: address)
        try await peer.send(preface: Preface.version)
        try await peer.send(.settings(Settings(.defaults)))
        return peer
    }

    fileprivate static func install(on channel: any Channel) throws -> RawPeer {
        let (stream, continuation) = AsyncStream.makeStream(of: Inbound.self)
        try channel.pipeline.syncOperations.addHandler(Collector(continuation))
        return RawPeer(channel: channel, inbound: stream)
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(preface version: UInt8) async throws { try await send(Preface.magic + [version]) }

    func send(_ frame: Frame) async throws {
        var buffer = ByteBuffer()
        frame.write(to: &buffer)
        try await channel.writeAndFlush(buffer)
    }

    /// Sends a whole call of the test service.
    func call(_ name: String, _ message: RPCMessage, on id: StreamID) async throws {
        try await send(.headers(id, Frame.Headers(method: testMethod(name), metadata: Metadata())))
        let frames = EncodedMessage(message).frames(
            on: id, endsStream: true, payloadLimit: RPCLimits.defaults.framePayloadBytes)
        for frame in frames { try await channel.writeAndFlush(frame) }
    }

    /// What comes next that is neither preface nor SETTINGS; nil at the end of the connection.
    func next() async -> Frame? {
        for await inbound in inbound {
            if case .frame(let frame) = inbound {
                if case .settings = frame { continue }
                return frame
            }
        }
        return nil
    }

    /// Answers one call with its own request.
    func echoOnce() async throws {
        while let frame = await next() {
            guard case .message(let id, var part) = frame else { continue }
            part.endsStream = false
            try await send(.message(id, part))
            try await send(.trailers(id, .ok))
            return
        }
    }

    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    func close() { channel.close(promise: nil) }
}

private final class Collector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<Inbound>.Continuation
    private let processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: .defaults))

    init(_ continuation: AsyncStream<Inbound>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { continuation.yield($0) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// A server that says exactly what a test lets it say.
struct RawServer: Sendable {
    let address: RPCAddress
    /// The connections, in the order in which they came.
    let accepted: AsyncStream<RawPeer>
    private let listener: any Channel

    static func listen() async throws -> RawServer {
        let (stream, continuation) = AsyncStream.makeStream(of: RawPeer.self)
        let listener = try await ServerBootstrap(group: EventLoops.shared)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    continuation.yield(try RawPeer.install(on: channel))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(
            address: RPCAddress(host: "127.0.0.1", port: listener.localAddress!.port!),
            accepted: stream, listener: listener)
    }

    /// The next connection, with the handshake done.
    func accept(limits: RPCLimits = .defaults) async throws -> RawPeer {
        var iterator = accepted.makeAsyncIterator()
        guard let peer = await iterator.next() else { throw CancellationError() }
        try await peer.send(preface: Preface.version)
        try await peer.send(.settings(Settings(limits)))
        return peer
    }

    func close() async throws { try await listener.close() }
}
