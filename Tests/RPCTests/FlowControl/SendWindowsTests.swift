import Testing

@testable import RPC

@Suite("Send windows")
struct SendWindowsTests {
    private func windows(
        connection: Int = 65_536, stream: Int = 65_536, frame: Int = 32_768,
        waitingBytes: Int = 1 << 20, waitingMessages: Int = 16, open ids: [StreamID] = [1]
    ) -> SendWindows {
        var windows = SendWindows(
            connectionBytes: connection, streamBytes: stream, frameBytes: frame,
            waitingBytesLimit: waitingBytes, waitingMessagesLimit: waitingMessages)
        for id in ids { windows.open(id) }
        return windows
    }

    private func drain(_ windows: inout SendWindows) -> [SendWindows.Slice] {
        var slices: [SendWindows.Slice] = []
        while let slice = windows.next() { slices.append(slice) }
        return slices
    }

    private func slice(
        _ id: StreamID, _ bytes: Int, completes: Bool = true, unblocks: Bool = false
    ) -> SendWindows.Slice {
        SendWindows.Slice(
            stream: id, bytes: bytes, completesMessage: completes, unblocksWriter: unblocks)
    }

    @Test("a message as long as a frame is one frame, a byte more makes two")
    func frames() {
        var windows = windows()
        #expect(windows.enqueue(1, bytes: 32_768) == .accepted)
        #expect(drain(&windows) == [slice(1, 32_768)])
        try? windows.grow(1, by: 32_768)
        try? windows.grow(0, by: 32_768)
        #expect(windows.enqueue(1, bytes: 32_769) == .accepted)
        #expect(drain(&windows) == [slice(1, 32_768, completes: false), slice(1, 1)])
        #expect(windows.waitingBytes == 0)
    }

    @Test("what fits leaves at once, the rest when the stream's window has grown")
    func streamWindow() throws {
        var windows = windows(connection: 1 << 20)
        #expect(windows.enqueue(1, bytes: 65_546) == .accepted)
        #expect(
            drain(&windows) == [
                slice(1, 32_768, completes: false), slice(1, 32_768, completes: false),
            ])
        #expect(windows.windowBytes(of: 1) == 0)
        #expect(!windows.isDrained(1))
        try windows.grow(1, by: 3)
        #expect(drain(&windows) == [slice(1, 3, completes: false)])
        try windows.grow(1, by: 100)
        #expect(drain(&windows) == [slice(1, 7)])
        #expect(windows.isDrained(1))
        #expect(windows.windowBytes(of: 1) == 93)
    }

    @Test("the connection's window holds up every stream until it grows")
    func connectionWindow() throws {
        var windows = windows(stream: 1 << 20, open: [1, 3])
        #expect(windows.enqueue(1, bytes: 65_536) == .accepted)
        #expect(windows.enqueue(3, bytes: 10) == .accepted)
        #expect(
            drain(&windows) == [
                slice(1, 32_768, completes: false), slice(3, 10),
                slice(1, 32_758, completes: false),
            ])
        #expect(windows.connectionWindowBytes == 0)
        try windows.grow(0, by: 10)
        #expect(drain(&windows) == [slice(1, 10)])
    }

    @Test("streams take turns frame by frame, whatever the size of their messages")
    func fairness() {
        var windows = windows(connection: 1 << 20, stream: 1 << 20, open: [1, 3, 5])
        for id: StreamID in [1, 3, 5] {
            #expect(windows.enqueue(id, bytes: id == 3 ? 1 : 98_304) == .accepted)
        }
        #expect(windows.enqueue(3, bytes: 2) == .accepted)
        #expect(drain(&windows).map(\.stream) == [1, 3, 5, 1, 3, 5, 1, 5])
    }

    @Test("a stream without credit gives its turn away and has it back with credit")
    func blockedStream() throws {
        var windows = windows(connection: 1 << 20, open: [1, 3])
        #expect(windows.enqueue(1, bytes: 100_000) == .accepted)
        #expect(windows.enqueue(3, bytes: 65_536) == .accepted)
        #expect(drain(&windows).map(\.stream) == [1, 3, 1, 3])
        try windows.grow(1, by: 65_536)
        #expect(drain(&windows).map(\.bytes) == [32_768, 1_696])
    }

    @Test("an empty frame needs no credit, but waits for the messages before it")
    func emptyFrame() throws {
        var windows = windows(connection: 65_536, open: [1, 3])
        #expect(windows.enqueue(3, bytes: 65_536) == .accepted)
        #expect(windows.enqueue(1, bytes: 5) == .accepted)
        #expect(windows.enqueue(1, bytes: 0) == .accepted)
        let first = drain(&windows)
        #expect(first.suffix(2) == [slice(1, 0), slice(3, 32_763, completes: false)])
        #expect(windows.connectionWindowBytes == 0)
        windows.open(5)
        #expect(windows.enqueue(5, bytes: 0) == .accepted)
        #expect(drain(&windows) == [slice(5, 0)])
    }

    @Test("a writer waits at the limit of bytes and is told when there is room")
    func waitingBytes() throws {
        var windows = windows(waitingBytes: 70_000)
        #expect(windows.enqueue(1, bytes: 69_999) == .accepted)
        // Fewer than the limit wait, so that this one is taken whole, however long.
        #expect(windows.enqueue(1, bytes: 50_000) == .accepted)
        #expect(windows.enqueue(1, bytes: 1) == .full)
        let slices = drain(&windows)
        #expect(slices.map(\.unblocksWriter) == [false, true])
        #expect(windows.enqueue(1, bytes: 1) == .accepted)
    }

    @Test("a writer waits at the limit of messages, too")
    func waitingMessages() {
        var windows = windows(waitingMessages: 2)
        #expect(windows.enqueue(1, bytes: 1) == .accepted)
        #expect(windows.enqueue(1, bytes: 1) == .accepted)
        #expect(windows.enqueue(1, bytes: 1) == .full)
        #expect(drain(&windows).map(\.unblocksWriter) == [true, false])
    }

    @Test("a stream that has ended drops what waits, takes nothing more, and tells its writer")
    func close() throws {
        var windows = windows(waitingBytes: 1, open: [1, 3])
        #expect(windows.enqueue(1, bytes: 10) == .accepted)
        #expect(windows.enqueue(3, bytes: 20) == .accepted)
        #expect(windows.enqueue(1, bytes: 10) == .full)
        #expect(windows.close(1) == true)
        #expect(windows.close(1) == false)
        #expect(windows.waitingBytes == 20)
        #expect(windows.enqueue(1, bytes: 10) == .ended)
        #expect(drain(&windows) == [slice(3, 20)])
        try windows.grow(1, by: 5)
        #expect(windows.windowBytes(of: 1) == nil)
    }

    @Test("a window grows to 2^31 - 1 and not a byte beyond")
    func overflow() throws {
        var windows = windows(open: [1])
        let room = UInt32(2_147_483_647 - 65_536)
        for id: StreamID in [0, 1] {
            try windows.grow(id, by: room)
            #expect(throws: ProtocolViolation.self) { try windows.grow(id, by: 1) }
            #expect(throws: ProtocolViolation.self) { try windows.grow(id, by: .max) }
        }
    }

    @Test("an increment of 0 is a violation, on a stream that has ended as well")
    func zeroIncrement() {
        var windows = windows()
        for id: StreamID in [0, 1, 99] {
            #expect(throws: ProtocolViolation.self) { try windows.grow(id, by: 0) }
        }
    }

    @Test("10,000 random events never exceed a window and lose no byte", arguments: 0..<4)
    func random(seed: UInt64) throws {
        try SendWindowsSimulation(seed: seed).run(events: 10_000)
    }
}
