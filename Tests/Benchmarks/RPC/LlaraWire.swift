import BenchmarkReport
import RPC

/// Our own protocol (WIRE.md), or only its frames: a MESSAGE that is answered by a MESSAGE.
struct LlaraWire: LoadWire {
    /// How much of the protocol a call takes.
    enum Extent {
        /// HEADERS and MESSAGE, answered by MESSAGE and TRAILERS.
        case calls
        /// MESSAGE, answered by MESSAGE; without windows.
        case frames
    }

    let greeting: [UInt8]
    let callWindowBytes: Int
    private(set) var allowance = PeerAllowance(windowBytes: 8_388_608, streams: 256)
    private(set) var isReady = false
    private let extent: Extent
    private let call: [UInt8]
    /// Where the call's bytes hold the stream's number.
    private let streamPlaces: [Int]
    private var hasPreface = false
    private var receivedBytes: UInt32 = 0

    /// - Parameters:
    ///   - content: a message as section 3 of WIRE.md has it.
    ///   - timeoutMilliseconds: that the server is told; 0 for none.
    init(_ extent: Extent, content: [UInt8], timeoutMilliseconds: Int = 0) {
        self.extent = extent
        callWindowBytes = extent == .frames ? 0 : content.count
        let window = WireBytes.little(WireBytes.largestWindow)
        let settings = WireBytes.little(7) + window + WireBytes.little(8) + window
        greeting = Array("llara\r\n".utf8) + [1] + Self.frame(1, 0, settings)
        let message = Self.frame(3, 1, content)
        switch extent {
        case .frames: (call, streamPlaces) = (message, [8])
        case .calls:
            let headers = Self.frame(2, 0, Self.headers(timeoutMilliseconds))
            (call, streamPlaces) = (headers + message, [8, headers.count + 8])
        }
    }

    /// A message with a body only.
    static func content(bodyBytes: Int) -> [UInt8] {
        WireBytes.little(UInt32(bodyBytes)) + WireBytes.little(0)
            + [UInt8](repeating: 7, count: bodyBytes)
    }

    /// A message with one tensor and an empty body.
    static func content(rows: Int, columns: Int) -> [UInt8] {
        WireBytes.little(0) + WireBytes.little(1) + WireBytes.little(UInt32(rows))
            + WireBytes.little(UInt32(columns)) + WireBytes.little(1)
            + (0..<rows * columns).flatMap { WireBytes.little(Float($0).bitPattern) }
    }

    private static func headers(_ timeoutMilliseconds: Int) -> [UInt8] {
        let (service, name) = (
            Array(RPCBenchmarks.echo.service.utf8), Array(RPCBenchmarks.echo.name.utf8)
        )
        return WireBytes.little(UInt32(timeoutMilliseconds * 1_000)) + WireBytes.little(0)
            + [UInt8(service.count)] + service + [UInt8(name.count)] + name + [0, 0]
    }

    private static func frame(_ type: UInt8, _ flags: UInt8, _ payload: [UInt8]) -> [UInt8] {
        WireBytes.little(UInt32(payload.count)) + [type, flags, 0, 0] + WireBytes.little(0)
            + payload
    }

    mutating func begin(_ stream: UInt32, _ output: inout [UInt8]) {
        let start = output.count
        output += call
        for place in streamPlaces {
            output.withUnsafeMutableBytes {
                $0.storeBytes(of: stream.littleEndian, toByteOffset: start + place, as: UInt32.self)
            }
        }
        allowance.windowBytes -= callWindowBytes
    }

    mutating func take(
        _ input: UnsafeRawBufferPointer, ended: inout [EndedCall], output: inout [UInt8]
    ) throws -> Int {
        var start = 0
        if !hasPreface {
            guard input.count >= 8 else { return 0 }
            (hasPreface, start) = (true, 8)
        }
        func number(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: input.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        while input.count - start >= 12 {
            let length = Int(number(start))
            guard input.count - start >= 12 + length else { break }
            let payload = start + 12
            let stream = number(start + 8)
            switch input[start + 4] {
            case 1:
                readSettings(UnsafeRawBufferPointer(rebasing: input[payload..<payload + length]))
            case 3:
                receivedBytes += UInt32(length)
                if extent == .frames { ended.append(EndedCall(stream: stream, outcome: .success)) }
            case 4: ended.append(EndedCall(stream: stream, outcome: Self.outcome(input[payload])))
            case 6: throw BenchmarkFailure(description: "the server said GOAWAY")
            case 8 where stream == 0: allowance.windowBytes += Int(number(payload))
            default: break
            }
            start += 12 + length
        }
        if receivedBytes > WireBytes.windowRefill {
            output += Self.frame(8, 0, WireBytes.little(receivedBytes))
            receivedBytes = 0
        }
        return start
    }

    private static func outcome(_ code: UInt8) -> EndedCall.Outcome {
        switch code {
        case 0: .success
        case 8: .refusal
        default: .failure
        }
    }

    private mutating func readSettings(_ payload: UnsafeRawBufferPointer) {
        for offset in stride(from: 0, to: payload.count, by: 8) {
            let value = Int(
                UInt32(
                    littleEndian: payload.loadUnaligned(
                        fromByteOffset: offset + 4, as: UInt32.self)))
            switch payload[offset] {
            case 6: allowance.streams = value
            case 8: allowance.windowBytes = value
            default: break
            }
        }
        isReady = true
    }
}
