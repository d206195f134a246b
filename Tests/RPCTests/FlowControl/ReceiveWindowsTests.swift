import Testing

@testable import RPC

@Suite("Receive windows")
struct ReceiveWindowsTests {
    private func windows(connection: Int = 200_000, stream: Int = 100_000) -> ReceiveWindows {
        var windows = ReceiveWindows(connectionBytes: connection, streamBytes: stream)
        windows.open(1)
        return windows
    }

    @Test("a read message is given back from half of a window on, and not before")
    func half() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 49_999, hasMore: false) == .none)
        #expect(windows.consumed(1, bytes: 49_999) == .none)
        #expect(try windows.received(1, bytes: 1, hasMore: false) == .none)
        #expect(windows.consumed(1, bytes: 1) == .init(connection: nil, stream: 50_000))
        #expect(try windows.received(1, bytes: 50_000, hasMore: false) == .none)
        #expect(windows.consumed(1, bytes: 50_000) == .init(connection: 100_000, stream: 50_000))
    }

    @Test("an unread message is not given back")
    func unread() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 100_000, hasMore: false) == .none)
        #expect(windows.heldBytes == 100_000)
        #expect(throws: ProtocolViolation.self) {
            try windows.received(1, bytes: 1, hasMore: false)
        }
    }

    @Test("parts of an incomplete message are given back at once, so that it may exceed a window")
    func incomplete() throws {
        var windows = windows()
        for _ in 0..<10 {
            #expect(try windows.received(1, bytes: 60_000, hasMore: true).stream == 60_000)
        }
        #expect(windows.heldBytes == 0)
        #expect(try windows.received(1, bytes: 7, hasMore: false) == .none)
        #expect(windows.heldBytes == 7)
    }

    @Test("parts that come while a complete message waits are kept until it is read")
    func behind() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 10, hasMore: false) == .none)
        #expect(try windows.received(1, bytes: 60_000, hasMore: true) == .none)
        #expect(windows.heldBytes == 60_010)
        // The second message is complete, and its parts still wait for the first.
        #expect(try windows.received(1, bytes: 20, hasMore: false) == .none)
        #expect(windows.consumed(1, bytes: 10) == .none)
        #expect(windows.heldBytes == 60_020)
        #expect(windows.consumed(1, bytes: 20).stream == 60_030)
        #expect(windows.heldBytes == 0)
        #expect(try windows.received(1, bytes: 60_000, hasMore: true).stream == 60_000)
    }

    @Test("kept parts go back to the connection when the call ends")
    func keptAtClose() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 1, hasMore: false) == .none)
        #expect(try windows.received(1, bytes: 99_999, hasMore: true) == .none)
        #expect(windows.close(1) == .init(connection: 100_000))
        #expect(windows.heldBytes == 0)
    }

    @Test("the empty frame that ends the requests is no message to be read")
    func emptyEnd() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 5, hasMore: false) == .none)
        #expect(try windows.received(1, bytes: 70_000, hasMore: true) == .none)
        #expect(try windows.received(1, bytes: 0, hasMore: false, endsStream: true) == .none)
        // It completes the second message, which has to be read.
        #expect(windows.consumed(1, bytes: 5) == .none)
        #expect(windows.heldBytes == 70_000)
        #expect(windows.consumed(1, bytes: 0) == .none)
        #expect(windows.heldBytes == 0)
    }

    @Test("a frame as large as the window is taken, a byte more is a violation")
    func streamLimit() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 100_000, hasMore: false) == .none)
        var other = self.windows()
        #expect(throws: ProtocolViolation.self) {
            try other.received(1, bytes: 100_001, hasMore: false)
        }
    }

    @Test("the connection's window binds streams together")
    func connectionLimit() throws {
        var windows = windows()
        windows.open(3)
        windows.open(5)
        #expect(try windows.received(1, bytes: 100_000, hasMore: false) == .none)
        #expect(try windows.received(3, bytes: 100_000, hasMore: false) == .none)
        let error = #expect(throws: ProtocolViolation.self) {
            try windows.received(5, bytes: 1, hasMore: false)
        }
        #expect(error?.reason.contains("window of the connection has 0") == true)
        #expect(windows.close(1) == .init(connection: 100_000))
        #expect(try windows.received(5, bytes: 1, hasMore: false) == .none)
    }

    @Test("what arrives on a stream that has ended is given back to the connection")
    func ended() throws {
        var windows = windows()
        #expect(windows.close(1) == .none)
        #expect(try windows.received(1, bytes: 99_999, hasMore: false) == .none)
        #expect(
            try windows.received(1, bytes: 1, hasMore: false) == .init(connection: 100_000))
        #expect(windows.heldBytes == 0)
        #expect(windows.consumed(1, bytes: 1) == .none)
        #expect(windows.close(1) == .none)
    }

    @Test("a stream whose peer has sent its last message gets no further credit")
    func endsStream() throws {
        var windows = windows()
        _ = try windows.received(1, bytes: 100_000, hasMore: false, endsStream: true)
        #expect(windows.consumed(1, bytes: 100_000) == .init(connection: 100_000, stream: nil))
    }

    @Test("an empty frame costs nothing and gives nothing back")
    func empty() throws {
        var windows = windows()
        #expect(try windows.received(1, bytes: 0, hasMore: false, endsStream: true) == .none)
        #expect(windows.consumed(1, bytes: 0) == .none)
    }

    @Test("more than was received is never given back")
    func wrongCount() throws {
        var windows = windows()
        _ = try windows.received(1, bytes: 60_000, hasMore: false)
        #expect(windows.consumed(1, bytes: 90_000).stream == 60_000)
        #expect(windows.consumed(1, bytes: 90_000) == .none)
    }
}
