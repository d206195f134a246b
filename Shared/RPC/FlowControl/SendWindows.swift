/// Which MESSAGE frame leaves next, within the windows of the peer (WIRE 2.8).
///
/// Counts bytes only; the shell keeps the bytes themselves, stream by stream, in order. It calls
/// ``enqueue(_:bytes:)`` when a handler or caller writes, ``grow(_:by:)`` on WINDOW_UPDATE, and
/// after both, and when the socket takes bytes again, ``next()`` until nil or until the socket is
/// full. Streams take turns, a frame each, so that a large message does not hold up small ones.
struct SendWindows {
    /// A frame that may be sent now.
    struct Slice: Equatable {
        var stream: StreamID
        /// Length of the payload, taken from the stream's first unsent bytes.
        var bytes: Int
        /// Otherwise the frame carries MORE.
        var completesMessage: Bool
        /// A writer that was told `full` may write again.
        var unblocksWriter: Bool
    }

    /// What became of a message.
    enum Admission: Equatable {
        case accepted
        /// The stream holds as much as may wait; write again after `unblocksWriter`.
        case full
        /// No such stream, or it has ended: drop the message.
        case ended
    }

    fileprivate struct Stream {
        var window: FlowControlWindow
        /// Unsent bytes of each message.
        var messages = FIFOQueue<Int>()
        var waitingBytes = 0
        var hasBlockedWriter = false
        /// Whether it stands in one of the two queues.
        var isQueued = false
    }

    private let streamWindowBytes: Int
    private let frameBytes: Int
    private let waitingBytesLimit: Int
    private let waitingMessagesLimit: Int
    private var connection: FlowControlWindow
    private var streams: [StreamID: Stream] = [:]
    /// Streams with something to send and credit of their own, in the order of their turns.
    private var turns = FIFOQueue<StreamID>()
    /// Streams whose next frame is empty and needs no credit: the end of requests after the fact.
    private var emptyFrames = FIFOQueue<StreamID>()

    /// Windows as the peer's settings 8 and 7 say.
    ///
    /// - Parameters:
    ///   - frameBytes: Longest payload of a frame; at most the peer's setting 1. Shorter frames
    ///     make streams share the connection more finely.
    ///   - waitingBytesLimit: Bytes that may wait on a stream before a writer has to; a message
    ///     that comes while fewer wait is taken whole.
    ///   - waitingMessagesLimit: The same in messages, because small ones cost memory, too.
    init(
        connectionBytes: Int, streamBytes: Int, frameBytes: Int, waitingBytesLimit: Int,
        waitingMessagesLimit: Int = 16
    ) {
        assert(frameBytes > 0 && waitingBytesLimit > 0 && waitingMessagesLimit > 0)
        connection = FlowControlWindow(bytes: connectionBytes)
        streamWindowBytes = streamBytes
        self.frameBytes = frameBytes
        self.waitingBytesLimit = waitingBytesLimit
        self.waitingMessagesLimit = waitingMessagesLimit
    }

    /// Bytes of all streams that have not left.
    private(set) var waitingBytes = 0

    /// Bytes that the peer still takes on this connection.
    var connectionWindowBytes: Int { connection.bytes }

    /// Bytes that the peer still takes on this stream; nil if it is not open.
    func windowBytes(of id: StreamID) -> Int? { streams[id]?.window.bytes }

    /// Whether every message written on the stream has left: TRAILERS may follow.
    func isDrained(_ id: StreamID) -> Bool { streams[id]?.messages.isEmpty ?? true }

    /// A call begins.
    mutating func open(_ id: StreamID) {
        assert(streams[id] == nil, "stream ids are never used again")
        streams[id] = Stream(window: FlowControlWindow(bytes: streamWindowBytes))
    }

    /// The call has ended in whatever way; what had not left is dropped.
    ///
    /// Returns whether a writer waits, who is to be told that the call has ended.
    @discardableResult
    mutating func close(_ id: StreamID) -> Bool {
        guard let stream = streams.removeValue(forKey: id) else { return false }
        waitingBytes -= stream.waitingBytes
        if stream.isQueued {
            turns.removeAll { $0 == id }
            emptyFrames.removeAll { $0 == id }
        }
        return stream.hasBlockedWriter
    }

    /// A message is to be sent; one of 0 bytes is the empty frame that ends a stream of requests.
    mutating func enqueue(_ id: StreamID, bytes: Int) -> Admission {
        guard let index = streams.index(forKey: id) else { return .ended }
        guard streams.values[index].waitingBytes < waitingBytesLimit,
            streams.values[index].messages.count < waitingMessagesLimit
        else {
            streams.values[index].hasBlockedWriter = true
            return .full
        }
        streams.values[index].messages.append(bytes)
        streams.values[index].waitingBytes += bytes
        waitingBytes += bytes
        queue(id)
        return .accepted
    }

    /// WINDOW_UPDATE arrived; stream 0 is the connection.
    ///
    /// One for a stream that has ended is ignored.
    mutating func grow(_ id: StreamID, by increment: UInt32) throws(ProtocolViolation) {
        if id == 0 { return try connection.grow(by: Int(increment)) }
        guard let index = streams.index(forKey: id) else {
            guard increment > 0 else {
                throw ProtocolViolation(
                    "WINDOW_UPDATE by 0; leave it out instead", code: .flowControl)
            }
            return
        }
        try streams.values[index].window.grow(by: Int(increment))
        queue(id)
    }

    /// The next frame, whose bytes count as sent; nil if nothing may be sent.
    mutating func next() -> Slice? {
        if let id = emptyFrames.takeFirst() { return slice(id, credit: 0) }
        guard connection.bytes > 0, let id = turns.takeFirst() else { return nil }
        return slice(id, credit: connection.bytes)
    }

    private mutating func slice(_ id: StreamID, credit: Int) -> Slice? {
        guard let index = streams.index(forKey: id) else { return nil }
        streams.values[index].isQueued = false
        let left = streams.values[index].messages.first ?? 0
        let bytes = min(left, frameBytes, credit, streams.values[index].window.bytes)
        connection.take(bytes)
        waitingBytes -= bytes
        let slice = streams.values[index].send(
            bytes, of: id, waitingBytesLimit: waitingBytesLimit,
            waitingMessagesLimit: waitingMessagesLimit)
        queue(id)
        return slice
    }

    /// Gives the stream a turn at the end, if it has something that may leave.
    private mutating func queue(_ id: StreamID) {
        guard let index = streams.index(forKey: id), !streams.values[index].isQueued,
            let left = streams.values[index].messages.first
        else { return }
        if left == 0 {
            emptyFrames.append(id)
        } else if streams.values[index].window.bytes > 0 {
            turns.append(id)
        } else {
            return
        }
        streams.values[index].isQueued = true
    }
}

extension SendWindows.Stream {
    fileprivate mutating func send(
        _ bytes: Int, of id: StreamID, waitingBytesLimit: Int, waitingMessagesLimit: Int
    ) -> SendWindows.Slice {
        window.take(bytes)
        waitingBytes -= bytes
        let left = (messages.first ?? 0) - bytes
        if left == 0 { _ = messages.takeFirst() } else { messages.first = left }
        let hasRoom = waitingBytes < waitingBytesLimit && messages.count < waitingMessagesLimit
        let unblocks = hasBlockedWriter && hasRoom
        if unblocks { hasBlockedWriter = false }
        return SendWindows.Slice(
            stream: id, bytes: bytes, completesMessage: left == 0, unblocksWriter: unblocks)
    }
}
