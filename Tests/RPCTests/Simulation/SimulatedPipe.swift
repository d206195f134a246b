import Domain
import NIOCore

@testable import RPC

/// One direction of a simulated connection: bytes in order, in pieces of any size, with a buffer
/// that a reader who is behind fills.
struct SimulatedPipe {
    /// What a sender may put in before its channel is not writable.
    static let highWaterMark = 40_000

    private var bytes: [UInt8] = []
    private var read = 0
    /// Bytes that were lost with the connection.
    private(set) var isBroken = false

    var waiting: Int { bytes.count - read }

    var isWritable: Bool { waiting < Self.highWaterMark }

    mutating func write(_ buffer: ByteBuffer) {
        guard !isBroken else { return }
        bytes += buffer.readableBytesView
    }

    /// The next bytes that arrive: few or many.
    mutating func take(_ count: Int) -> ByteBuffer {
        let end = min(bytes.count, read + count)
        let part = ByteBuffer(bytes: bytes[read..<end])
        read = end
        if read > 100_000 || read == bytes.count {
            bytes.removeFirst(read)
            read = 0
        }
        return part
    }

    /// The connection is gone: what has not arrived never will.
    mutating func cut() {
        isBroken = true
        bytes = []
        read = 0
    }
}

/// What both sides of a simulated call do, known to both from the call's number.
struct CallScript {
    /// Sizes of the requests, and how many are written before the client waits for responses.
    var requests: [Int]
    /// Sizes of the responses.
    var responses: [Int]
    /// Whether responses begin before the requests have ended.
    var isDuplex: Bool
    var status: RPCError.Code
    /// The handler ends after so many requests without reading on; nil reads all.
    var endsAfter: Int?
    /// The client gives up after so many steps of its own; nil never.
    var givesUpAfter: Int?

    init(using generator: inout SeededGenerator) {
        func size() -> Int {
            // Mostly small; some larger than a frame, a stream's window and a connection's.
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: Int.random(in: 30_000...70_000, using: &generator)
            case 1: Int.random(in: 70_000...200_000, using: &generator)
            default: Int.random(in: 0...300, using: &generator)
            }
        }
        func sizes(_ most: Int) -> [Int] {
            (0..<Int.random(in: 0...most, using: &generator)).map { _ in size() }
        }
        requests = sizes(8)
        responses = sizes(8)
        isDuplex = Bool.random(using: &generator)
        status = Bool.random(using: &generator) ? .ok : .aborted
        endsAfter =
            Int.random(in: 0..<5, using: &generator) == 0
            ? Int.random(in: 0...requests.count, using: &generator) : nil
        givesUpAfter =
            Int.random(in: 0..<5, using: &generator) == 0
            ? Int.random(in: 0..<20, using: &generator) : nil
    }

    /// A message whose bytes say whose it is.
    static func message(_ call: StreamID, _ number: Int, size: Int, isRequest: Bool) -> RPCMessage {
        var body = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
        for (index, byte) in "\(isRequest ? "q" : "r")\(call)/\(number)/".utf8.enumerated()
        where index < size { body[index] = byte }
        return RPCMessage(body: body, isCompressed: number % 3 == 2)
    }
}
