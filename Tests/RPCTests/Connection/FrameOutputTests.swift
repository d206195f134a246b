import NIOCore
import NIOEmbedded
import Testing

@testable import RPC

@Suite("Frame output")
struct FrameOutputTests {
    @Test("nothing is writable beyond the mark until the next flush, which says that it is again")
    func mark() throws {
        let (channel, handler) = (EmbeddedChannel(), IdleHandler())
        try channel.pipeline.syncOperations.addHandler(handler)
        var flushes = 0
        let context = try channel.pipeline.syncOperations.context(handler: handler)
        let output = FrameOutput(context: context, mostUnflushedBytes: 100) { flushes += 1 }
        output.write(ByteBuffer(repeating: 1, count: 99))
        #expect(output.isWritable)
        channel.embeddedEventLoop.run()
        #expect(flushes == 0)
        output.write(ByteBuffer(repeating: 1, count: 99))
        output.write(ByteBuffer(repeating: 1, count: 1))
        #expect(!output.isWritable)
        channel.embeddedEventLoop.run()
        #expect(output.isWritable)
        #expect(flushes == 1)
        _ = try channel.finish()
    }
}

private final class IdleHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
}
