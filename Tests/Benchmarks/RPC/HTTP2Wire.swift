import BenchmarkReport
import RPC

/// gRPC over HTTP/2 (RFC 9113) as a client in its steady state writes it: after the first call every
/// header field is one byte, an index into the table of RFC 7541.
struct HTTP2Wire: LoadWire {
    let greeting: [UInt8]
    let callWindowBytes: Int
    private(set) var allowance = PeerAllowance(windowBytes: 65_535, streams: .max)
    private(set) var isReady = false
    private let firstCall: [UInt8]
    private let call: [UInt8]
    private let body: [UInt8]
    private var hasCalled = false
    private var receivedBytes: UInt32 = 0

    /// - Parameter bodyBytes: of a request; they fit into one DATA frame.
    init(bodyBytes: Int) {
        precondition(bodyBytes + 5 <= 16_384, "a message for one DATA frame")
        let increment = WireBytes.largestWindow - 65_535
        greeting =
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
            + Self.frame(4, 0, 0, [0, 4] + WireBytes.big(WireBytes.largestWindow))
            + Self.frame(8, 0, 0, WireBytes.big(increment))
        func field(_ index: UInt8, _ value: String) -> [UInt8] {
            [0x40 | index, UInt8(value.utf8.count)] + Array(value.utf8)
        }
        let path = "/\(RPCBenchmarks.echo.service)/\(RPCBenchmarks.echo.name)"
        // :method POST and :scheme http are in the table; what is added takes 65, 64, 63 and 62.
        firstCall =
            [0x83, 0x86] + field(4, path) + field(1, "127.0.0.1")
            + field(31, "application/grpc") + [0x40, 2] + Array("te".utf8) + [8]
            + Array("trailers".utf8)
        call = [0x83, 0x86, 0x80 | 65, 0x80 | 64, 0x80 | 63, 0x80 | 62]
        body = [0] + WireBytes.big(UInt32(bodyBytes)) + [UInt8](repeating: 7, count: bodyBytes)
        callWindowBytes = body.count
    }

    private static func frame(
        _ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]
    ) -> [UInt8] {
        WireBytes.big(UInt32(payload.count)).dropFirst() + [type, flags] + WireBytes.big(stream)
            + payload
    }

    mutating func begin(_ stream: UInt32, _ output: inout [UInt8]) {
        output += Self.frame(1, 4, stream, hasCalled ? call : firstCall)
        output += Self.frame(0, 1, stream, body)
        hasCalled = true
        allowance.windowBytes -= callWindowBytes
    }

    mutating func take(
        _ input: UnsafeRawBufferPointer, ended: inout [EndedCall], output: inout [UInt8]
    ) throws -> Int {
        var start = 0
        func number(_ offset: Int) -> UInt32 {
            UInt32(bigEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        while input.count - start >= 9 {
            let length = Int(number(start) >> 8)
            guard input.count - start >= 9 + length else { break }
            let (type, flags, stream) = (input[start + 3], input[start + 4], number(start + 5))
            let payload = start + 9
            switch type {
            case 0: receivedBytes += UInt32(length)
            case 1 where flags & 1 == 1:
                ended.append(EndedCall(stream: stream, outcome: .success))
            case 3: ended.append(EndedCall(stream: stream, outcome: .failure))
            case 4 where flags & 1 == 0:
                readSettings(UnsafeRawBufferPointer(rebasing: input[payload..<payload + length]))
                output += Self.frame(4, 1, 0, [])
            case 6 where flags & 1 == 0:
                output += Self.frame(6, 1, 0, Array(input[payload..<payload + length]))
            case 7: throw BenchmarkFailure(description: "the server said GOAWAY")
            case 8 where stream == 0: allowance.windowBytes += Int(number(payload))
            default: break
            }
            start += 9 + length
        }
        if receivedBytes > WireBytes.windowRefill {
            output += Self.frame(8, 0, 0, WireBytes.big(receivedBytes))
            receivedBytes = 0
        }
        return start
    }

    private mutating func readSettings(_ payload: UnsafeRawBufferPointer) {
        for offset in stride(from: 0, to: payload.count, by: 6) where payload[offset + 1] == 3 {
            let value = payload.loadUnaligned(fromByteOffset: offset + 2, as: UInt32.self)
            allowance.streams = Int(UInt32(bigEndian: value))
        }
        isReady = true
    }
}
