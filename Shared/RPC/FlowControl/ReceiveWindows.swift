/// What the peer may still send, and what is given back to it when (WIRE 2.8).
///
/// The shell calls ``received(_:bytes:hasMore:endsStream:)`` for each MESSAGE frame,
/// ``consumed(_:bytes:)`` when the application takes a message, and ``close(_:)`` when the call
/// ends; each returns the WINDOW_UPDATE frames to send. Small amounts are collected until they are
/// half of a window: fewer frames, and the peer always has the other half.
struct ReceiveWindows {
    /// WINDOW_UPDATE frames to send now; nil where none is due.
    struct Updates: Equatable {
        var connection: UInt32?
        /// For the stream that the event was about.
        var stream: UInt32?

        static let none = Updates()
    }

    fileprivate struct Credit {
        var window: FlowControlWindow
        /// Taken from the window and not read.
        var heldBytes = 0
        /// Read and not given back yet.
        var collectedBytes = 0
    }

    fileprivate struct Stream {
        var credit: Credit
        /// The peer sends nothing more on it, so that it needs no credit.
        var hasEnded = false
        /// Complete messages that the application has not taken.
        var unreadMessages = 0
        /// Whether a message has begun and is not complete.
        var isIncomplete = false
        /// Bytes of message parts that are given back when the reader has caught up.
        var keptBytes = 0
    }

    private let connectionBytes: Int
    private let streamBytes: Int
    private var connection: Credit
    private var streams: [StreamID: Stream] = [:]

    /// Windows as this side's settings 8 and 7 say.
    init(connectionBytes: Int, streamBytes: Int) {
        self.connectionBytes = connectionBytes
        self.streamBytes = streamBytes
        connection = Credit(window: FlowControlWindow(bytes: connectionBytes))
    }

    /// Bytes received and not read, of all streams; at most the connection's window.
    var heldBytes: Int { connection.heldBytes }

    /// A call begins.
    mutating func open(_ id: StreamID) {
        assert(streams[id] == nil, "stream ids are never used again")
        streams[id] = Stream(credit: Credit(window: FlowControlWindow(bytes: streamBytes)))
    }

    /// A MESSAGE frame has arrived.
    ///
    /// What continues a message is given back at once, so that a message may be larger than a
    /// window; but while complete messages wait it is kept until those are read, or large messages
    /// would pile up at a reader that is behind. The bytes of the frame that completes a message are
    /// held until ``consumed(_:bytes:)``. A stream that has ended costs the peer nothing.
    mutating func received(
        _ id: StreamID, bytes: Int, hasMore: Bool, endsStream: Bool = false
    ) throws(ProtocolViolation) -> Updates {
        try connection.receive(bytes, of: "the connection")
        guard let index = streams.index(forKey: id) else {
            return Updates(connection: connection.giveBack(bytes, window: connectionBytes))
        }
        try streams.values[index].credit.receive(bytes, of: "stream \(id)")
        if endsStream { streams.values[index].hasEnded = true }
        // An empty frame that continues nothing carries no message.
        if !hasMore, bytes > 0 || streams.values[index].isIncomplete {
            streams.values[index].unreadMessages += 1
        }
        streams.values[index].isIncomplete = hasMore
        guard hasMore else { return .none }
        guard streams.values[index].unreadMessages == 0 else {
            streams.values[index].keptBytes += bytes
            return .none
        }
        return giveBack(bytes, on: id)
    }

    /// The application has taken messages, whose last frames together had this many bytes.
    mutating func consumed(_ id: StreamID, bytes: Int, messages: Int = 1) -> Updates {
        guard let index = streams.index(forKey: id) else { return .none }
        streams.values[index].unreadMessages = max(
            0, streams.values[index].unreadMessages - messages)
        guard streams.values[index].unreadMessages == 0 else { return giveBack(bytes, on: id) }
        let kept = streams.values[index].keptBytes
        streams.values[index].keptBytes = 0
        return giveBack(bytes + kept, on: id)
    }

    /// Whether the peer waits for bytes that are kept until the reader has caught up.
    func isKeeping(_ id: StreamID) -> Bool { streams[id].map { $0.keptBytes > 0 } ?? false }

    private mutating func giveBack(_ bytes: Int, on id: StreamID) -> Updates {
        guard let index = streams.index(forKey: id) else { return .none }
        // A count that is wrong on this side must not give the peer more than it sent.
        let bytes = min(bytes, streams.values[index].credit.heldBytes)
        var updates = Updates(connection: connection.giveBack(bytes, window: connectionBytes))
        let increment = streams.values[index].credit.giveBack(bytes, window: streamBytes)
        if !streams.values[index].hasEnded { updates.stream = increment }
        return updates
    }

    /// The call has ended; what was not read goes back to the connection.
    mutating func close(_ id: StreamID) -> Updates {
        guard let stream = streams.removeValue(forKey: id) else { return .none }
        return Updates(
            connection: connection.giveBack(stream.credit.heldBytes, window: connectionBytes))
    }
}

extension ReceiveWindows.Credit {
    fileprivate mutating func receive(
        _ bytes: Int, of name: String
    ) throws(ProtocolViolation) {
        guard window.holds(bytes) else {
            throw ProtocolViolation(
                "a MESSAGE of \(bytes) bytes where the window of \(name) has "
                    + "\(window.bytes); wait for WINDOW_UPDATE",
                code: .flowControl)
        }
        window.take(bytes)
        heldBytes += bytes
    }

    /// Counts bytes as read; returns an increment once half of the window has come together.
    fileprivate mutating func giveBack(_ bytes: Int, window size: Int) -> UInt32? {
        heldBytes -= bytes
        collectedBytes += bytes
        guard collectedBytes > 0, collectedBytes * 2 >= size else { return nil }
        let increment = collectedBytes
        collectedBytes = 0
        // Never more than was taken from it, so that the window cannot exceed its start.
        try? window.grow(by: increment)
        return UInt32(increment)
    }
}
