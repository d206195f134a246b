import BenchmarkReport
import Domain
import Glibc
import Histogram

/// What a run of the load saw.
struct LoadResult {
    /// Calls that ended.
    var calls = 0
    /// Successful calls that ended while calls were begun.
    var successes = 0
    /// Seconds in which calls were begun.
    var seconds = 0.0
    /// Share of the time in which the load did not need its core.
    var idleShare = 0.0
    /// On the socket, in both directions.
    var wireBytes = 0
    /// Calls that were taken and came to nothing.
    var failures = 0
    /// Nanoseconds from the intended begin, of successful calls and of refused ones; open loop only.
    var successTimes = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
    var refusalTimes = Histogram<UInt32>(numberOfSignificantValueDigits: .three)
}

/// Unary calls over one connection.
struct LoadLoop {
    private let socket: LoadSocket
    private var wire: any LoadWire
    private var nextStream: UInt32 = 1
    private var open = 0
    private var input: [UInt8]
    private var inputEnd = 0
    private var output: [UInt8] = []
    private var ended: [EndedCall] = []

    /// Connects and waits for the server's settings.
    init(port: UInt16, wire: any LoadWire, bufferBytes: Int = 1 << 18) throws {
        socket = try LoadSocket(port: port)
        self.wire = wire
        input = [UInt8](repeating: 0, count: bufferBytes)
        output = wire.greeting
        while !self.wire.isReady || !output.isEmpty {
            try socket.send(&output)
            if !self.wire.isReady { try receive(waits: true) }
        }
    }

    /// Keeps so many calls in flight; a call that fails ends the run.
    mutating func closed(inFlight: Int, seconds: Double) throws -> LoadResult {
        var result = LoadResult()
        let measure = Measure(socket)
        let end = measure.start + UInt64(seconds * 1e9)
        var isBeginning = true
        repeat {
            while isBeginning, open < inFlight, mayBegin { begin() }
            try socket.send(&output)
            if !output.isEmpty { socket.wait(isSending: true, nanoseconds: nil) }
            try receive(waits: output.isEmpty)
            guard ended.allSatisfy({ $0.outcome == .success }) else {
                throw BenchmarkFailure(description: "a call failed")
            }
            result.calls += ended.count
            isBeginning = monotonicNanoseconds() < end
        } while isBeginning || open > 0
        result.successes = result.calls
        measure.finish(&result, socket)
        return result
    }

    /// Begins calls at random times that are drawn before, `rate` a second on average, whatever
    /// became of those before; a call that cannot be sent in time is late from its time on.
    mutating func open(rate: Double, seconds: Double) throws -> LoadResult {
        var result = LoadResult()
        let measure = Measure(socket)
        let end = measure.start + UInt64(seconds * 1e9)
        var generator = SeededGenerator(seed: 1)
        var intended: [UInt64] = []
        let first = nextStream
        var next = measure.start
        while next < end || open > 0 {
            let now = monotonicNanoseconds()
            guard now < end + 20_000_000_000 else {
                throw BenchmarkFailure(description: "calls without an answer for 20 s")
            }
            while next < end, next <= now, mayBegin {
                begin()
                intended.append(next)
                next += UInt64(-log(1 - Double.random(in: 0..<1, using: &generator)) / rate * 1e9)
            }
            try socket.send(&output)
            // Late calls wait for room, which comes with an answer.
            let wait = next < end && next > now ? next - now : 1_000_000_000
            socket.wait(isSending: !output.isEmpty, nanoseconds: wait)
            try receive(waits: false)
            guard !ended.isEmpty else { continue }
            let time = monotonicNanoseconds()
            result.calls += ended.count
            for call in ended {
                let taken = max(1, time - intended[Int(call.stream - first) / 2])
                switch call.outcome {
                case .success:
                    if time < end { result.successes += 1 }
                    _ = result.successTimes.record(taken)
                case .refusal: _ = result.refusalTimes.record(taken)
                case .failure: result.failures += 1
                }
            }
        }
        measure.finish(&result, socket)
        result.seconds = seconds
        return result
    }

    private var mayBegin: Bool {
        let allowance = wire.allowance
        return open < allowance.streams && allowance.windowBytes >= wire.callWindowBytes
    }

    private mutating func begin() {
        wire.begin(nextStream, &output)
        nextStream += 2
        open += 1
    }

    /// Reads what has come; the calls that it ended are in `ended`.
    private mutating func receive(waits: Bool) throws {
        ended.removeAll(keepingCapacity: true)
        try socket.receive(&input, end: &inputEnd, waits: waits)
        let taken = try input.withUnsafeBytes { bytes in
            try wire.take(
                UnsafeRawBufferPointer(rebasing: bytes[..<inputEnd]), ended: &ended,
                output: &output)
        }
        open -= ended.count
        guard taken > 0 else { return }
        input.withUnsafeMutableBytes { bytes in
            _ = memmove(bytes.baseAddress!, bytes.baseAddress! + taken, inputEnd - taken)
        }
        inputEnd -= taken
    }
}

/// What a run has used between its beginning and its end.
private struct Measure {
    let start = monotonicNanoseconds()
    private let processorSeconds = ProcessorTime.own
    private let bytes: Int

    init(_ socket: LoadSocket) { bytes = socket.sentBytes + socket.receivedBytes }

    func finish(_ result: inout LoadResult, _ socket: LoadSocket) {
        result.seconds = Double(monotonicNanoseconds() - start) / 1e9
        result.idleShare = 1 - (ProcessorTime.own - processorSeconds) / result.seconds
        result.wireBytes = socket.sentBytes + socket.receivedBytes - bytes
    }
}

/// Nanoseconds on a clock that does not go back.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
