internal import NIOCore

/// How calls stand in a file: in the frames of the wire (Proto/WIRE.md), so that what reads a
/// peer's bytes reads them, with the same checks.
///
/// The file begins with the wire's preface. Each call is HEADERS (time left, method, metadata), its
/// requests as MESSAGE frames, END_STREAM if the caller had sent them all, and TRAILERS with its
/// status code, whose metadata are the two keys below. The frames of a call stand together, in the
/// order in which calls ended; stream ids are 1, 3, 5.
enum CallRecordFormat {
    /// Microseconds from the beginning of the record to the call's arrival.
    static let arrivalKey = "record-arrival-us"
    /// Microseconds from there to its end.
    static let durationKey = "record-duration-us"

    static let beginning = ByteBuffer(bytes: Preface.bytes)

    /// What frames and messages are written with: they are cut as for a peer with the defaults.
    private static let limits = RPCLimits.defaults
    private static let settings = Settings(limits)

    /// The bytes of the call with a number, counted from 0.
    static func encoded(_ call: RecordedCall, number: Int) -> ByteBuffer {
        let id = StreamID(truncatingIfNeeded: 2 * number + 1)
        var buffer = ByteBuffer()
        let headers = Frame.Headers(
            method: call.method,
            timeoutMicroseconds: call.remaining.map { UInt64(max(1, $0.microseconds)) },
            metadata: call.metadata, endsStream: call.requests.isEmpty && call.hasAllRequests)
        Frame.headers(id, headers).write(to: &buffer)
        for (index, request) in call.requests.enumerated() {
            let isLast = index == call.requests.count - 1
            write(request, on: id, endsStream: isLast && call.hasAllRequests, to: &buffer)
        }
        var times = Metadata()
        times.add(text: "\(max(0, call.arrival.microseconds))", for: arrivalKey)
        times.add(text: "\(max(0, call.duration.microseconds))", for: durationKey)
        Frame.trailers(id, RPCStatus(code: call.code, message: "", metadata: times))
            .write(to: &buffer)
        return buffer
    }

    private static func write(
        _ request: RPCMessage, on id: StreamID, endsStream: Bool, to buffer: inout ByteBuffer
    ) {
        var encoded = EncodedMessage(request, on: id, to: settings)
        var isLast = false
        while !isLast {
            let bytes = min(encoded.contentBytes, limits.framePayloadBytes)
            isLast = bytes == encoded.contentBytes
            for part in encoded.takeFrame(payloadBytes: bytes, on: id, endsStream: endsStream) {
                buffer.writeImmutableBuffer(part)
            }
        }
    }
}

/// Puts calls together from the frames of a file.
struct CallRecordAssembly {
    private struct Open {
        var id: StreamID
        var headers: Frame.Headers
        var assembly = MessageAssembly()
        var requests: [RPCMessage] = []
        var hasAllRequests: Bool
    }

    private let limits: RPCLimits
    private var open: Open?
    /// Content of all messages so far, uncompressed.
    private(set) var contentBytes = 0

    init(limits: RPCLimits) { self.limits = limits }

    /// Whether a call has begun that has not ended.
    var isWithinCall: Bool { open != nil }

    /// Takes the next frame; returns the call that it ends.
    mutating func take(_ frame: Frame) throws(ProtocolViolation) -> RecordedCall? {
        switch frame {
        case .headers(let id, let headers):
            guard open == nil else { throw ProtocolViolation("a call begins within another") }
            open = Open(id: id, headers: headers, hasAllRequests: headers.endsStream)
            return nil
        case .message(let id, let part):
            try take(part, on: id)
            return nil
        case .trailers(let id, let status):
            guard let call = open.take(), call.id == id else {
                throw ProtocolViolation("a call ends that has not begun")
            }
            return try Self.call(call, status)
        case .skipped: return nil
        default: throw ProtocolViolation("a frame that no record has")
        }
    }

    private mutating func take(
        _ part: Frame.MessagePart, on id: StreamID
    ) throws(ProtocolViolation) {
        // Taken out, so that the message that grows has one owner.
        guard var call = open.take(), call.id == id, !call.hasAllRequests else {
            throw ProtocolViolation("a request of no call")
        }
        switch call.assembly.append(part, direction: "request", limits: limits) {
        case .incomplete: break
        case .message(let message, let bytes, let isLast):
            call.requests.append(message)
            call.hasAllRequests = isLast
            contentBytes += bytes
        case .end: call.hasAllRequests = true
        case .refused(let status): throw ProtocolViolation(status.message)
        case .violation(let violation): throw violation
        }
        open = call
    }

    private static func call(
        _ open: Open, _ status: RPCStatus
    ) throws(ProtocolViolation) -> RecordedCall {
        guard open.assembly.heldBytes == 0 else {
            throw ProtocolViolation("a call ends within a request")
        }
        return RecordedCall(
            method: open.headers.method, metadata: open.headers.metadata,
            remaining: open.headers.timeoutMicroseconds.map {
                .microseconds(Int64(clamping: min($0, 1 << 48)))
            },
            arrival: try time(CallRecordFormat.arrivalKey, in: status.metadata),
            requests: open.requests, hasAllRequests: open.hasAllRequests, code: status.code,
            duration: try time(CallRecordFormat.durationKey, in: status.metadata))
    }

    private static func time(
        _ key: String, in metadata: Metadata
    ) throws(ProtocolViolation) -> Duration {
        guard let microseconds = metadata.text(key).flatMap({ Int64($0) }),
            (0...(1 << 48)).contains(microseconds)
        else { throw ProtocolViolation("\(key) is missing or no number of microseconds") }
        return .microseconds(microseconds)
    }
}

extension Duration {
    /// Whole microseconds, cut to what the format holds.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let limit: Int64 = 1 << 48
        guard seconds < limit / 1_000_000 else { return limit }
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
