import Foundation
import NIOCore
import NIOPosix

/// What SwiftNIO alone costs: a server that decodes one frame, answers with one, and flushes once a
/// turn of the loop as ours does.
///
/// Speaks WIRE.md's handshake and MESSAGE frames.
enum FrameEcho {
    /// Serves on one event loop until standard input ends.
    static func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let listener = try await ServerBootstrap(group: group)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FrameEchoHandler())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        try say(["versions": ["port": "\(listener.localAddress?.port ?? 0)"]])
        Thread {
            while readLine() != nil {}
            listener.close(promise: nil)
        }.start()
        try await listener.closeFuture.get()
        try await group.shutdownGracefully()
    }
}

/// One frame of WIRE.md section 2: the whole of it.
private struct FrameSplitter: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = ByteBuffer
    private var hasPreface = false

    mutating func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        if !hasPreface {
            guard buffer.readSlice(length: 8) != nil else { return nil }
            hasPreface = true
        }
        guard
            let length = buffer.getInteger(
                at: buffer.readerIndex, endianness: .little, as: UInt32.self)
        else { return nil }
        return buffer.readSlice(length: 12 + Int(length))
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        try decode(buffer: &buffer)
    }
}

private final class FrameEchoHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let processor = NIOSingleStepByteToMessageProcessor(FrameSplitter())
    private var isFlushScheduled = false

    func channelActive(context: ChannelHandlerContext) {
        // The preface, and SETTINGS that leave every default.
        let settings: [UInt8] = [0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 7)
        let handshake = Array("llara\r\n".utf8) + [1] + settings
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: handshake)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { frame in
                answer(frame, context)
            }
        } catch {
            context.close(promise: nil)
        }
    }

    private func answer(_ frame: ByteBuffer, _ context: ChannelHandlerContext) {
        let place = frame.readerIndex
        guard frame.getInteger(at: place + 4, as: UInt8.self) == 3,
            let stream = frame.getInteger(at: place + 8, endianness: .little, as: UInt32.self)
        else { return }
        var reply = context.channel.allocator.buffer(capacity: frame.readableBytes)
        reply.writeInteger(UInt32(frame.readableBytes - 12), endianness: .little)
        reply.writeMultipleIntegers(UInt8(3), UInt8(0), UInt16(0))
        reply.writeInteger(stream, endianness: .little)
        reply.writeBytes(frame.readableBytesView.dropFirst(12))
        context.write(NIOAny(reply), promise: nil)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.0.isFlushScheduled = false
            bound.value.1.flush()
        }
    }
}
