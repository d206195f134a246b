import Domain
import NIOCore

@testable import RPC

/// The bytes of frames, one after the other.
func bytes(of frames: Frame...) -> [UInt8] {
    var buffer = ByteBuffer()
    for frame in frames { frame.write(to: &buffer) }
    return Array(buffer.readableBytesView)
}

/// The bytes of a frame with any header and payload.
func rawFrame(
    type: UInt8, flags: UInt8 = 0, reserved: UInt16 = 0, stream: StreamID = 0,
    claiming length: Int? = nil, _ payload: [UInt8] = []
) -> [UInt8] {
    var buffer = ByteBuffer(repeating: 0, count: FrameHeader.byteCount)
    FrameHeader(
        payloadBytes: length ?? payload.count, type: type, flags: flags, reserved: reserved,
        streamID: stream
    ).set(in: &buffer, at: 0)
    return Array(buffer.readableBytesView) + payload
}

/// Everything that a decoder makes of `chunks`, and the violation that ended it.
func decode(
    _ chunks: [[UInt8]], limits: RPCLimits = .defaults, expectsPreface: Bool = false
) -> (inbound: [Inbound], violation: ProtocolViolation?) {
    let processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
    var inbound: [Inbound] = []
    do {
        if !expectsPreface {
            try processor.process(buffer: ByteBuffer(bytes: Preface.bytes)) { _ in }
        }
        for chunk in chunks {
            try processor.process(buffer: ByteBuffer(bytes: chunk)) { inbound.append($0) }
        }
    } catch {
        return (inbound, error as? ProtocolViolation)
    }
    return (inbound, nil)
}

extension EncodedMessage {
    /// The frames of a whole message, one buffer each where it fits into one.
    func frames(on id: StreamID, endsStream: Bool, payloadLimit: Int) -> [ByteBuffer] {
        var rest = self
        var frames: [ByteBuffer] = []
        repeat {
            let bytes = min(rest.contentBytes, payloadLimit)
            let isLast = bytes == rest.contentBytes
            frames += rest.takeFrame(payloadBytes: bytes, on: id, endsStream: endsStream)
            if isLast { return frames }
        } while true
    }
}

/// A message's size as a connection counts it that came in one frame.
func size(of message: RPCMessage) -> Consumption {
    let bytes = message.encodedByteCount
    return Consumption(messages: 1, windowBytes: bytes, contentBytes: bytes)
}

/// The parts of a message as its receiver gets them.
func parts(
    of message: RPCMessage, endsStream: Bool = true, payloadLimit: Int = 1 << 24,
    to peer: Settings? = nil
) -> [Frame.MessagePart] {
    let frames = EncodedMessage(message, to: peer).frames(
        on: 1, endsStream: endsStream, payloadLimit: payloadLimit)
    let all = frames.flatMap { Array($0.readableBytesView) }
    return decode([all]).inbound.compactMap { inbound in
        if case .frame(.message(_, let part)) = inbound { part } else { nil }
    }
}

/// One frame of each kind.
let sampleFrames: [Frame] = {
    var metadata = Metadata()
    metadata.add(
        text: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", for: "traceparent")
    metadata.add(binary: [0, 1, 255], for: "x-bin")
    return [
        .settings(Settings(.defaults)),
        .headers(
            1,
            Frame.Headers(
                method: RPCMethod(service: "llara.v1.Encoder", name: "Encode"),
                timeoutMicroseconds: 2_000_000, metadata: metadata)),
        .headers(3, Frame.Headers(method: testMethod("A"), metadata: Metadata(), endsStream: true)),
        .message(
            1,
            Frame.MessagePart(
                bytes: ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 0]), endsStream: true,
                hasMore: false)),
        .trailers(1, .ok),
        .trailers(
            5,
            RPCStatus(
                code: .notFound, message: "no such item é",
                details: [RPCError.Detail(type: "llara.v1.Item", value: [9, 8])],
                metadata: metadata)),
        .cancel(7, .deadlineExceeded),
        .goAway(GoAway(lastStreamID: 9, code: .shutdown, reason: "bye")),
        .ping(0x0102_0304_0506_0708, isAcknowledgement: false),
        .ping(1, isAcknowledgement: true),
        .windowUpdate(0, 65_536),
        .windowUpdate(3, 1),
        .metadata(1, metadata),
    ]
}()
