internal import NIOCore

/// Writes frames to a channel and flushes once for all that one turn of the loop wrote.
///
/// Used on the event loop only.
final class FrameOutput {
    private let context: ChannelHandlerContext
    private let mostUnflushedBytes: Int
    private let flushed: () -> Void
    private var isFlushScheduled = false
    private var unflushedBytes = 0
    /// Bytes written, sent or about to be.
    private(set) var sentBytes: UInt64 = 0
    private var hasRefused = false

    /// - Parameters:
    ///   - mostUnflushedBytes: beyond, nothing is writable until the next flush. TLS keeps what has
    ///     not been flushed where the channel does not count it.
    ///   - flushed: called after the flush that made this writable again.
    init(
        context: ChannelHandlerContext, mostUnflushedBytes: Int,
        flushed: @escaping () -> Void
    ) {
        self.context = context
        self.mostUnflushedBytes = mostUnflushedBytes
        self.flushed = flushed
    }

    var isWritable: Bool {
        guard unflushedBytes < mostUnflushedBytes else {
            hasRefused = true
            return false
        }
        return context.channel.isWritable
    }

    /// Bytes written but not taken by the kernel.
    var pendingBytes: Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Writes the preface and this side's SETTINGS.
    func writeHandshake(_ limits: RPCLimits) {
        var buffer = ByteBuffer(bytes: Preface.bytes)
        Frame.settings(Settings(limits)).write(to: &buffer)
        write(buffer)
    }

    func write(_ frame: Frame, promise: EventLoopPromise<Void>? = nil) {
        var buffer = context.channel.allocator.buffer(capacity: 64)
        frame.write(to: &buffer)
        write(buffer, promise: promise)
    }

    func write(_ buffer: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        unflushedBytes += buffer.readableBytes
        sentBytes += UInt64(buffer.readableBytes)
        context.write(NIOAny(buffer), promise: promise)
        scheduleFlush()
    }

    /// Closes once everything written has left, `last` included: this side's half first, and the
    /// rest when the peer has closed its own or `linger` has passed.
    ///
    /// Closing both at once would make the kernel answer late bytes by a reset, which can destroy
    /// what the peer has not read.
    func close(after last: Frame?, linger: Duration) {
        let context = NIOLoopBound(self.context, eventLoop: context.eventLoop)
        let written = self.context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in
            context.value.close(mode: .output, promise: nil)
        }
        if let last {
            write(last, promise: written)
        } else {
            write(ByteBuffer(), promise: written)
        }
        // At once: on a busy loop the timer may come before the flush that is scheduled.
        self.context.flush()
        let timer = self.context.eventLoop.scheduleTask(in: TimeAmount(linger)) {
            context.value.close(promise: nil)
        }
        self.context.channel.closeFuture.whenComplete { _ in timer.cancel() }
    }

    /// Closes after one attempt to write what is pending.
    func flushAndClose() {
        context.flush()
        context.close(promise: nil)
    }

    func closeNow() { context.close(promise: nil) }

    private func scheduleFlush() {
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            bound.value.flush()
        }
    }

    private func flush() {
        isFlushScheduled = false
        unflushedBytes = 0
        context.flush()
        guard hasRefused else { return }
        hasRefused = false
        flushed()
    }
}
