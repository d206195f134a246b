internal import NIOCore

extension Frame {
    /// Takes the payload of a frame apart whose header has been checked.
    init(
        _ type: FrameType, header: FrameHeader, payload: ByteBuffer, limits: RPCLimits
    ) throws(ProtocolViolation) {
        let id = header.streamID
        var reader = PayloadReader(payload, of: type)
        switch type {
        case .message:
            self = .message(id, try MessagePart(payload, flags: header.flags))
            return
        case .settings: self = .settings(try Settings(reading: &reader))
        case .headers: self = .headers(id, try Headers(reading: &reader, flags: header.flags))
        case .trailers: self = .trailers(id, try RPCStatus(reading: &reader, limits: limits))
        case .cancel: self = .cancel(id, try RPCError.Code(reading: &reader))
        case .goAway: self = .goAway(try GoAway(reading: &reader))
        case .ping:
            self = .ping(
                try reader.integer(UInt64.self),
                isAcknowledgement: header.flags & FrameFlags.acknowledgement != 0)
        case .windowUpdate: self = .windowUpdate(id, try Self.increment(&reader))
        case .metadata: self = .metadata(id, try reader.metadata())
        }
        try reader.finish()
    }

    private static func increment(
        _ reader: inout PayloadReader
    ) throws(ProtocolViolation) -> UInt32 {
        let increment = try reader.integer(UInt32.self)
        guard (1...UInt32(FlowControlWindow.maximumBytes)).contains(increment) else {
            throw ProtocolViolation(
                "WINDOW_UPDATE by \(increment), allowed is 1 to "
                    + "\(FlowControlWindow.maximumBytes)", code: .flowControl)
        }
        return increment
    }

    /// Writes any frame but MESSAGE, which ``EncodedMessage`` cuts into frames.
    func write(to buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeRepeatingByte(0, count: FrameHeader.byteCount)
        var header = FrameHeader(payloadBytes: 0, type: 0, streamID: 0)
        switch self {
        case .settings(let settings):
            header.type = FrameType.settings.rawValue
            for (identifier, value) in settings.entries {
                buffer.writeMultipleIntegers(
                    identifier.rawValue, UInt32(clamping: value), endianness: .little)
            }
        case .headers(let id, let headers):
            header.type = FrameType.headers.rawValue
            header.streamID = id
            header.flags = headers.endsStream ? FrameFlags.endStream : 0
            headers.write(to: &buffer)
        case .message(let id, var part):
            header.type = FrameType.message.rawValue
            header.streamID = id
            header.flags = part.flags
            buffer.writeBuffer(&part.bytes)
        case .trailers(let id, let status):
            header.type = FrameType.trailers.rawValue
            header.streamID = id
            status.write(to: &buffer)
        case .cancel(let id, let code):
            header.type = FrameType.cancel.rawValue
            header.streamID = id
            buffer.writeInteger(code.rawValue)
        case .goAway(let goAway):
            header.type = FrameType.goAway.rawValue
            goAway.write(to: &buffer)
        case .ping(let data, let isAcknowledgement):
            header.type = FrameType.ping.rawValue
            header.flags = isAcknowledgement ? FrameFlags.acknowledgement : 0
            buffer.writeInteger(data, endianness: .little)
        case .windowUpdate(let id, let increment):
            header.type = FrameType.windowUpdate.rawValue
            header.streamID = id
            buffer.writeInteger(increment, endianness: .little)
        case .metadata(let id, let metadata):
            header.type = FrameType.metadata.rawValue
            header.streamID = id
            buffer.writeMetadata(metadata)
        case .skipped(let type):
            header.type = type
        }
        header.payloadBytes = buffer.writerIndex - start - FrameHeader.byteCount
        header.set(in: &buffer, at: start)
    }
}

extension Frame.Headers {
    fileprivate init(
        reading reader: inout PayloadReader, flags: UInt8
    ) throws(ProtocolViolation) {
        let timeout = try reader.integer(UInt64.self)
        let service = try reader.identifier()
        let name = try reader.identifier()
        self.init(
            method: RPCMethod(service: service, name: name),
            timeoutMicroseconds: timeout == 0 ? nil : timeout, metadata: try reader.metadata(),
            endsStream: flags & FrameFlags.endStream != 0)
    }

    fileprivate func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(timeoutMicroseconds ?? 0, endianness: .little)
        for name in [method.service, method.name] {
            buffer.writeInteger(UInt8(clamping: name.utf8.count))
            buffer.writeString(name)
        }
        buffer.writeMetadata(metadata)
    }
}

extension Frame.MessagePart {
    fileprivate init(_ payload: ByteBuffer, flags: UInt8) throws(ProtocolViolation) {
        let hasMore = flags & FrameFlags.more != 0
        let endsStream = flags & FrameFlags.endStream != 0
        guard !(hasMore && endsStream) else {
            throw ProtocolViolation("message: MORE and END_STREAM exclude each other")
        }
        guard payload.readableBytes > 0 || endsStream else {
            throw ProtocolViolation("message: an empty frame that ends nothing")
        }
        self.init(
            bytes: payload, endsStream: endsStream, hasMore: hasMore,
            isCompressed: flags & FrameFlags.compressed != 0)
    }

    fileprivate var flags: UInt8 {
        (hasMore ? FrameFlags.more : 0) | (endsStream ? FrameFlags.endStream : 0)
            | (isCompressed ? FrameFlags.compressed : 0)
    }
}

extension RPCStatus {
    fileprivate init(
        reading reader: inout PayloadReader, limits: RPCLimits
    ) throws(ProtocolViolation) {
        // A code that a later version adds is an error of which nothing is known.
        let code = RPCError.Code(rawValue: try reader.integer(UInt8.self)) ?? .unknown
        let messageBytes = Int(try reader.integer(UInt16.self))
        guard messageBytes <= limits.statusMessageBytes else {
            throw ProtocolViolation(
                "trailers: a status message of \(messageBytes) bytes, at most "
                    + "\(limits.statusMessageBytes) (statusMessageBytes)")
        }
        let message = try reader.text(messageBytes)
        let count = Int(try reader.integer(UInt16.self))
        guard count <= limits.statusDetails else {
            throw ProtocolViolation(
                "trailers: \(count) details, at most \(limits.statusDetails) (statusDetails)")
        }
        var details: [RPCError.Detail] = []
        var bytes = 0
        for _ in 0..<count {
            let type = try reader.text(Int(try reader.integer(UInt8.self)))
            let value = try reader.bytes(Int(try reader.integer(UInt32.self)))
            bytes += type.utf8.count + value.count
            details.append(RPCError.Detail(type: type, value: value))
        }
        guard bytes <= limits.statusDetailBytes else {
            throw ProtocolViolation(
                "trailers: \(bytes) bytes of details, at most \(limits.statusDetailBytes) "
                    + "(statusDetailBytes)")
        }
        self.init(
            code: code, message: message, details: details, metadata: try reader.metadata())
    }

    fileprivate func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(code.rawValue)
        buffer.writeInteger(UInt16(clamping: message.utf8.count), endianness: .little)
        buffer.writeString(message)
        buffer.writeInteger(UInt16(clamping: details.count), endianness: .little)
        for detail in details {
            buffer.writeInteger(UInt8(clamping: detail.type.utf8.count))
            buffer.writeString(detail.type)
            buffer.writeInteger(UInt32(clamping: detail.value.count), endianness: .little)
            buffer.writeBytes(detail.value)
        }
        buffer.writeMetadata(metadata)
    }
}

extension RPCError.Code {
    fileprivate init(reading reader: inout PayloadReader) throws(ProtocolViolation) {
        self = RPCError.Code(rawValue: try reader.integer(UInt8.self)) ?? .cancelled
    }
}

extension GoAway {
    fileprivate init(reading reader: inout PayloadReader) throws(ProtocolViolation) {
        let last = try reader.integer(UInt32.self)
        let code = GoAwayCode(rawValue: try reader.integer(UInt8.self))
        self.init(
            lastStreamID: last, code: code,
            reason: try reader.text(Int(try reader.integer(UInt16.self))))
    }

    fileprivate func write(to buffer: inout ByteBuffer) {
        let cut = reason.prefix(utf8Bytes: Self.maximumReasonBytes)
        buffer.writeInteger(lastStreamID, endianness: .little)
        buffer.writeInteger(code.rawValue)
        buffer.writeInteger(UInt16(cut.utf8.count), endianness: .little)
        buffer.writeString(cut)
    }
}

extension ByteBuffer {
    fileprivate mutating func writeMetadata(_ metadata: Metadata) {
        writeInteger(UInt16(clamping: metadata.entries.count), endianness: .little)
        for entry in metadata.entries {
            writeInteger(UInt8(clamping: entry.key.utf8.count))
            writeString(entry.key)
            writeInteger(UInt16(clamping: entry.value.count), endianness: .little)
            writeBytes(entry.value)
        }
    }
}
