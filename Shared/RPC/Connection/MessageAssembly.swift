internal import NIOCore

/// Puts the messages of one direction of one stream together from their frames.
struct MessageAssembly {
    enum Outcome: Equatable {
        /// A part of a message; more will come.
        case incomplete
        case message(RPCMessage, bytes: Int, isLast: Bool)
        /// No message, but the end of them.
        case end
        /// A limit of this side; the call ends, the connection goes on.
        case refused(RPCStatus)
        case violation(ProtocolViolation)
    }

    /// What has arrived of a message whose last frame has not.
    private var part: ByteBuffer?

    /// Bytes held of an incomplete message.
    var heldBytes: Int { part?.readableBytes ?? 0 }

    /// Takes one MESSAGE frame; `direction` is "request" or "response".
    mutating func append(
        _ frame: Frame.MessagePart, direction: String, limits: RPCLimits
    ) -> Outcome {
        if frame.isCompressed {
            return .violation(ProtocolViolation("message: compressed, which SETTINGS do not allow"))
        }
        let bytes = heldBytes + frame.bytes.readableBytes
        guard bytes <= limits.receivedMessageBytes else {
            part = nil
            return .refused(
                RPCStatus(
                    messageTooLarge(
                        bytes, limit: limits.receivedMessageBytes, direction,
                        name: "receivedMessageBytes")))
        }
        if frame.hasMore {
            hold(frame.bytes)
            return .incomplete
        }
        if part == nil, frame.bytes.readableBytes == 0 { return .end }
        var content = frame.bytes
        if part != nil {
            hold(frame.bytes)
            content = part.take() ?? content
        }
        do throws(RPCMessage.DecodingError) {
            let message = try RPCMessage(content: content, attachmentLimit: limits.attachments)
            return .message(message, bytes: bytes, isLast: frame.endsStream)
        } catch {
            switch error {
            case .violation(let violation): return .violation(violation)
            case .limit(let count):
                return .refused(
                    RPCStatus(tooManyAttachments(count, limit: limits.attachments)))
            }
        }
    }

    private mutating func hold(_ bytes: ByteBuffer) {
        var bytes = bytes
        // Taken out first: two owners would make the append a copy.
        var held = part.take() ?? ByteBuffer()
        held.writeBuffer(&bytes)
        part = held
    }
}
