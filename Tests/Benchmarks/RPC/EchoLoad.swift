import ArgumentParser
import BenchmarkReport
import Foundation

/// The load of `benchmark rpc`: calls in a closed loop over one connection, from prepared bytes.
///
/// Asked for `{"seconds": 3}` it answers with the calls a second and the share of its core's time
/// that it did not need.
struct EchoLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "The load of the other commands.", shouldDisplay: false)

    @Option var port: UInt16
    @Option var inFlight: Int
    @Option var bytes: Int

    func run() throws {
        var loop = try EchoLoop(port: port, inFlight: inFlight, bytes: bytes)
        try say(["versions": [String: String]()])
        while let line = readLine() {
            let request = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let seconds = (request as? [String: Any])?["seconds"] as? Double ?? 1
            let result = try loop.run(seconds: seconds)
            try say(["value": result.callsPerSecond, "idle": result.idleShare])
        }
    }
}

/// Unary calls of one size over one socket, so many at a time.
///
/// Reads no more of a response than its frames' headers; WIRE.md section 2.
struct EchoLoop {
    struct Result {
        var callsPerSecond: Double
        var idleShare: Double
    }

    private let socket: Int32
    private let inFlight: Int
    private var call: [UInt8]
    /// Where the call's bytes hold the stream's number.
    private let streamPlaces: [Int]
    private var nextStream: UInt32 = 1
    private var open = 0
    private var input = [UInt8](repeating: 0, count: 1 << 18)
    private var inputEnd = 0
    private var output: [UInt8] = []

    init(port: UInt16, inFlight: Int, bytes: Int) throws {
        socket = try Self.connect(port)
        self.inFlight = inFlight
        let headers = Self.headers
        let body =
            Self.number(UInt32(bytes), 4) + Self.number(0, 4)
            + [UInt8](repeating: 7, count: bytes)
        call = Self.frame(type: 2, flags: 0, headers) + Self.frame(type: 3, flags: 1, body)
        streamPlaces = [8, 12 + headers.count + 8]
        // The preface, and SETTINGS that give the server all the window there is.
        let largest: UInt32 = 2_147_483_647
        let settings =
            Self.number(7, 4) + Self.number(largest, 4) + Self.number(8, 4)
            + Self.number(largest, 4)
        try send(Array("llara\r\n".utf8) + [1] + Self.frame(type: 1, flags: 0, settings))
        try receive()
        guard inputEnd >= 8 else { throw BenchmarkFailure(description: "no handshake") }
        input.replaceSubrange(0..<8, with: [])
        inputEnd -= 8
        input += [UInt8](repeating: 0, count: 8)
    }

    private static var headers: [UInt8] {
        let (service, name) = (Array("llara.benchmark.v1.Echo".utf8), Array("Echo".utf8))
        return number(0, 8) + [UInt8(service.count)] + service + [UInt8(name.count)] + name
            + number(0, 2)
    }

    private static func number(_ value: UInt32, _ bytes: Int) -> [UInt8] {
        (0..<bytes).map { $0 < 4 ? UInt8(value >> (8 * UInt32($0)) & 255) : 0 }
    }

    private static func frame(type: UInt8, flags: UInt8, _ payload: [UInt8]) -> [UInt8] {
        number(UInt32(payload.count), 4) + [type, flags, 0, 0] + number(0, 4) + payload
    }

    private static func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var one: Int32 = 1
        setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchmarkFailure(description: "no server on port \(port)") }
        return descriptor
    }

    private func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(socket, $0.baseAddress! + sent, bytes.count - sent)
            }
            guard count > 0 else { throw BenchmarkFailure(description: "the server is gone") }
            sent += count
        }
    }

    private mutating func receive() throws {
        let count = input.withUnsafeMutableBytes {
            read(socket, $0.baseAddress! + inputEnd, $0.count - inputEnd)
        }
        guard count > 0 else { throw BenchmarkFailure(description: "the server is gone") }
        inputEnd += count
    }

    private mutating func begin() {
        for place in streamPlaces {
            for byte in 0..<4 {
                call[place + byte] = UInt8(nextStream >> (8 * UInt32(byte)) & 255)
            }
        }
        output += call
        nextStream += 2
        open += 1
    }

    /// Frames that have come; returns the number of calls that ended.
    private mutating func parse() throws -> Int {
        var ended = 0
        var start = 0
        while inputEnd - start >= 12 {
            let length = (0..<4).reduce(0) { $0 | Int(input[start + $1]) << (8 * $1) }
            guard inputEnd - start >= 12 + length else { break }
            switch input[start + 4] {
            case 4:
                guard input[start + 12] == 0 else {
                    throw BenchmarkFailure(description: "a call failed")
                }
                ended += 1
            case 6: throw BenchmarkFailure(description: "the server said GOAWAY")
            default: break
            }
            start += 12 + length
        }
        if start > 0 {
            input.withUnsafeMutableBytes { bytes in
                _ = memmove(bytes.baseAddress!, bytes.baseAddress! + start, inputEnd - start)
            }
            inputEnd -= start
        }
        return ended
    }

    /// Keeps the calls in flight for so long.
    mutating func run(seconds: Double) throws -> Result {
        let clock = ContinuousClock()
        let start = clock.now
        let end = start.advanced(by: .seconds(seconds))
        let before = ProcessorTime.own
        var calls = 0
        for _ in 0..<inFlight { begin() }
        while open > 0 {
            if !output.isEmpty {
                try send(output)
                output.removeAll(keepingCapacity: true)
            }
            try receive()
            let ended = try parse()
            calls += ended
            open -= ended
            if clock.now < end { for _ in 0..<ended { begin() } }
        }
        let elapsed = start.duration(to: clock.now) / .seconds(1)
        return Result(
            callsPerSecond: Double(calls) / elapsed,
            idleShare: 1 - (ProcessorTime.own - before) / elapsed)
    }
}
