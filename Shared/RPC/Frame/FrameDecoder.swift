internal import NIOCore

/// What arrives on a connection.
enum Inbound: Equatable {
    /// The peer speaks this protocol, in this version.
    case preface(version: UInt8)
    case frame(Frame)
}

/// The 8 bytes with which each side begins.
enum Preface {
    /// "llara", CR and LF, so that a peer of another protocol, or one that converts line ends, is
    /// found out at once.
    static let magic: [UInt8] = Array("llara\r\n".utf8)
    static let version: UInt8 = 1
    static let byteCount = 8
    static let bytes = magic + [version]
}

/// Cuts a byte stream into the preface and frames.
///
/// Type, flags, stream and length are judged as soon as the 12 bytes of a header are there: what is
/// too long or impossible is refused before any of its payload is kept.
struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = Inbound

    private let payloadLimit: Int
    private let limits: RPCLimits
    private var hasPreface = false

    /// A decoder for the side with `limits`.
    init(limits: RPCLimits) {
        self.limits = limits
        payloadLimit = limits.framePayloadBytes
    }

    mutating func decode(buffer: inout ByteBuffer) throws -> Inbound? {
        guard hasPreface else { return try decodePreface(&buffer) }
        guard let header = FrameHeader(peekingAt: buffer) else { return nil }
        let type = try check(header)
        let whole = FrameHeader.byteCount + header.payloadBytes
        guard buffer.readableBytes >= whole else { return nil }
        buffer.moveReaderIndex(forwardBy: FrameHeader.byteCount)
        guard let payload = buffer.readSlice(length: header.payloadBytes) else { return nil }
        guard let type else { return .frame(.skipped(type: header.type)) }
        return .frame(try Frame(type, header: header, payload: payload, limits: limits))
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> Inbound? {
        // The end of a connection in the middle of a frame is an end like any other.
        try decode(buffer: &buffer)
    }

    private mutating func decodePreface(_ buffer: inout ByteBuffer) throws -> Inbound? {
        let seen = buffer.readableBytesView.prefix(Preface.magic.count)
        guard seen.elementsEqual(Preface.magic.prefix(seen.count)) else {
            throw ProtocolViolation("the peer does not speak this protocol: wrong preface")
        }
        guard buffer.readableBytes >= Preface.byteCount,
            let bytes = buffer.readBytes(length: Preface.byteCount)
        else { return nil }
        hasPreface = true
        return .preface(version: bytes[Preface.byteCount - 1])
    }

    /// The type, nil for an unknown one that may be skipped.
    private func check(_ header: FrameHeader) throws(ProtocolViolation) -> FrameType? {
        guard header.reserved == 0 else {
            throw ProtocolViolation("the reserved bytes of a frame header are not 0")
        }
        guard header.payloadBytes <= payloadLimit else {
            throw ProtocolViolation(
                "a frame of \(header.payloadBytes) bytes, at most \(payloadLimit) "
                    + "(framePayloadBytes)", code: .frameTooLarge)
        }
        guard let type = FrameType(rawValue: header.type) else {
            if FrameType.isExtension(header.type) { return nil }
            throw ProtocolViolation("unknown frame type \(header.type)")
        }
        guard header.flags & ~type.allowedFlags == 0 else {
            throw ProtocolViolation("\(type): unknown flags")
        }
        guard type.allowedLength(limit: payloadLimit).contains(header.payloadBytes) else {
            throw ProtocolViolation("\(type): impossible length \(header.payloadBytes)")
        }
        if let belongs = type.belongsToConnection, belongs != (header.streamID == 0) {
            throw ProtocolViolation("\(type) on stream \(header.streamID)")
        }
        guard header.streamID == 0 || header.streamID % 2 == 1 else {
            throw ProtocolViolation("stream \(header.streamID): ids are odd")
        }
        return type
    }
}
