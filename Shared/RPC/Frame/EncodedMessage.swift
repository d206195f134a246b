internal import Domain
internal import NIOCore

/// A message as it stands on the wire, with room for a frame header in front, so that a message
/// that fits into one frame is written without a further copy.
struct EncodedMessage: Sendable {
    private var buffer: ByteBuffer
    /// Whose header stands in front; 0 if none does.
    private let streamID: StreamID
    /// Whether a part of it has been taken, so that the bytes in front are shared with that.
    private var isCut = false
    private var isCompressed = false

    /// Encodes; done by the caller's task, not on an event loop.
    ///
    /// - Parameters:
    ///   - streamID: where it is known already: the header then stands in front, and the bytes need
    ///     not change any more, which would copy them if someone else held them.
    ///   - peer: what the receiver takes; nil for a receiver that takes nothing compressed.
    init(_ message: RPCMessage, on streamID: StreamID = 0, to peer: Settings? = nil) {
        self.init(plain: message, on: streamID)
        if message.isCompressed, peer?.takesZstandard ?? false { compress() }
    }

    private init(plain message: RPCMessage, on streamID: StreamID) {
        self.streamID = streamID
        let bytes = message.encodedByteCount
        buffer = ByteBuffer()
        buffer.reserveCapacity(FrameHeader.byteCount + bytes)
        buffer.writeRepeatingByte(0, count: FrameHeader.byteCount)
        FrameHeader(
            payloadBytes: bytes, type: FrameType.message.rawValue, streamID: streamID
        ).set(in: &buffer, at: 0)
        buffer.writeMultipleIntegers(
            UInt32(message.body.count), UInt32(message.attachments.count), endianness: .little)
        for tensor in message.attachments {
            buffer.writeMultipleIntegers(
                UInt32(tensor.rows), UInt32(tensor.columns), ElementType.float32.rawValue,
                endianness: .little)
        }
        buffer.writeBytes(message.body)
        guard !message.attachments.isEmpty else { return }
        buffer.writeRepeatingByte(0, count: RPCMessage.padding(after: contentBytes))
        for tensor in message.attachments { buffer.writeFloats(tensor.values) }
    }

    /// Replaces the content by its length and a zstd frame, if that is shorter.
    private mutating func compress() {
        let content = buffer.readableBytesView.dropFirst(FrameHeader.byteCount)
        var compressed = ByteBuffer()
        compressed.reserveCapacity(FrameHeader.byteCount + content.count)
        compressed.writeRepeatingByte(0, count: FrameHeader.byteCount)
        compressed.writeInteger(UInt32(content.count), endianness: .little)
        guard Zstandard.shared.compress(content, into: &compressed),
            compressed.readableBytes < buffer.readableBytes
        else { return }
        FrameHeader(
            payloadBytes: compressed.readableBytes - FrameHeader.byteCount,
            type: FrameType.message.rawValue, flags: FrameFlags.compressed, streamID: streamID
        ).set(in: &compressed, at: 0)
        buffer = compressed
        isCompressed = true
    }

    private init() {
        streamID = 0
        buffer = ByteBuffer(repeating: 0, count: FrameHeader.byteCount)
    }

    /// No message: the frame that ends a stream of requests after the fact.
    static let empty = EncodedMessage()

    /// What has not been taken by ``takeFrame(payloadBytes:on:endsStream:)``, without any header.
    var contentBytes: Int { buffer.readableBytes - FrameHeader.byteCount }

    /// Takes the next frame off: its bytes for the socket, one buffer where it is a whole message.
    ///
    /// - Parameter payloadBytes: at most ``contentBytes``.
    mutating func takeFrame(
        payloadBytes: Int, on id: StreamID, endsStream: Bool
    ) -> [ByteBuffer] {
        let isLast = payloadBytes == contentBytes
        let header = FrameHeader(
            payloadBytes: payloadBytes, type: FrameType.message.rawValue,
            flags: (isLast ? (endsStream ? FrameFlags.endStream : 0) : FrameFlags.more)
                | (isCompressed ? FrameFlags.compressed : 0),
            streamID: id)
        if isLast, !isCut {
            if streamID != id || endsStream { header.set(in: &buffer, at: buffer.readerIndex) }
            return [buffer]
        }
        isCut = true
        var head = ByteBuffer(repeating: 0, count: FrameHeader.byteCount)
        header.set(in: &head, at: 0)
        let start = buffer.readerIndex + FrameHeader.byteCount
        guard let part = buffer.getSlice(at: start, length: payloadBytes) else { return [head] }
        // What is left keeps as many bytes in front of it as a header takes.
        buffer.moveReaderIndex(forwardBy: payloadBytes)
        return [head, part]
    }
}

/// What the values of an attachment are.
enum ElementType: UInt32 {
    case float32 = 1
}

extension RPCMessage {
    /// Why content could not become a message.
    enum DecodingError: Error, Equatable {
        /// The bytes contradict themselves: the connection ends.
        case violation(ProtocolViolation)
        /// A limit of this side: the call ends.
        case limit(attachments: Int)
    }

    /// Reads the whole content of a message.
    ///
    /// Every size is checked against the bytes that are there before memory is taken for it.
    init(content: ByteBuffer, attachmentLimit: Int) throws(DecodingError) {
        var content = content
        let start = content.readerIndex
        guard
            let (bodyBytes, count) = content.readMultipleIntegers(
                endianness: .little, as: (UInt32, UInt32).self)
        else { throw .malformed("shorter than its header") }
        guard Int(count) * Self.attachmentHeaderBytes <= content.readableBytes else {
            throw .malformed("shorter than its \(count) attachment headers")
        }
        guard count <= attachmentLimit else { throw .limit(attachments: Int(count)) }
        var shapes: [(rows: Int, columns: Int)] = []
        for _ in 0..<count { shapes.append(try Self.shape(&content)) }
        guard let body = content.readBytes(length: Int(bodyBytes)) else {
            throw .malformed("shorter than its body")
        }
        var attachments: [FloatTensor] = []
        if count > 0 {
            let padding = Self.padding(after: content.readerIndex - start)
            guard let zeros = content.readBytes(length: padding), zeros.allSatisfy({ $0 == 0 })
            else { throw .malformed("padding is missing or not 0") }
        }
        for (rows, columns) in shapes {
            // Both are below 2^32, so that only the last factor can overflow.
            let (bytes, overflows) = (rows * columns).multipliedReportingOverflow(by: 4)
            guard !overflows, bytes <= content.readableBytes else {
                throw .malformed("shorter than an attachment of \(rows)x\(columns)")
            }
            attachments.append(
                FloatTensor(
                    rows: rows, columns: columns, values: content.readFloats(rows * columns)))
        }
        guard content.readableBytes == 0 else {
            throw .malformed("\(content.readableBytes) bytes behind it")
        }
        self.init(body: body, attachments: attachments)
    }

    private static func shape(
        _ content: inout ByteBuffer
    ) throws(DecodingError) -> (rows: Int, columns: Int) {
        guard
            let (rows, columns, type) = content.readMultipleIntegers(
                endianness: .little, as: (UInt32, UInt32, UInt32).self)
        else { throw .malformed("shorter than its attachment headers") }
        guard ElementType(rawValue: type) != nil else {
            throw .malformed("element type \(type) is unknown")
        }
        // Rows without values would cost the receiver time but the sender no bytes.
        guard columns > 0 || rows == 0, rows <= Int32.max, columns <= Int32.max else {
            throw .malformed("an attachment of \(rows)x\(columns)")
        }
        return (Int(rows), Int(columns))
    }
}

extension RPCMessage.DecodingError {
    fileprivate static func malformed(_ reason: String) -> Self {
        .violation(ProtocolViolation("message: \(reason)"))
    }
}

extension ByteBuffer {
    fileprivate mutating func writeFloats(_ values: [Float]) {
        #if _endian(little)
            values.withUnsafeBytes { _ = writeBytes($0) }
        #else
            for value in values { writeInteger(value.bitPattern, endianness: .little) }
        #endif
    }

    /// The caller has checked that the bytes are there.
    fileprivate mutating func readFloats(_ count: Int) -> [Float] {
        #if _endian(little)
            [Float](unsafeUninitializedCapacity: count) { values, initialized in
                initialized = readWithUnsafeReadableBytes { bytes in
                    let part = UnsafeRawBufferPointer(rebasing: bytes[..<(count * 4)])
                    UnsafeMutableRawBufferPointer(values).copyMemory(from: part)
                    return (count * 4, count)
                }
            }
        #else
            (0..<count).map { _ in
                Float(bitPattern: readInteger(endianness: .little, as: UInt32.self) ?? 0)
            }
        #endif
    }
}
