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
    private var isCompressed = false

    /// Bytes held of an incomplete message.
    var heldBytes: Int { part?.readableBytes ?? 0 }

    /// Takes one MESSAGE frame; `direction` is "request" or "response".
    mutating func append(
        _ frame: Frame.MessagePart, direction: String, limits: RPCLimits
    ) -> Outcome {
        guard part == nil || frame.isCompressed == isCompressed else {
            return .violation(ProtocolViolation("message: compressed in part"))
        }
        guard !frame.isCompressed || limits.takesCompressedMessages else {
            return .violation(ProtocolViolation("message: compressed, which SETTINGS do not allow"))
        }
        let bytes = heldBytes + frame.bytes.readableBytes
        // A compressed message is never larger, but for its length in front.
        let limit = limits.receivedMessageBytes + (frame.isCompressed ? Self.lengthBytes : 0)
        guard bytes <= limit else {
            part = nil
            return tooLarge(bytes, direction, limits)
        }
        isCompressed = frame.isCompressed
        if frame.hasMore {
            hold(frame.bytes)
            return .incomplete
        }
        if part == nil, frame.bytes.readableBytes == 0 {
            return isCompressed
                ? .violation(ProtocolViolation("message: compressed, but no message")) : .end
        }
        var content = frame.bytes
        if part != nil {
            hold(frame.bytes)
            content = part.take() ?? content
        }
        return message(content, isLast: frame.endsStream, direction, limits)
    }

    /// Bytes of the length in front of a zstd frame.
    private static let lengthBytes = 4

    private func message(
        _ wire: ByteBuffer, isLast: Bool, _ direction: String, _ limits: RPCLimits
    ) -> Outcome {
        var content = wire
        if isCompressed {
            guard let length = content.readInteger(endianness: .little, as: UInt32.self) else {
                return .violation(ProtocolViolation("message: compressed, but without its length"))
            }
            guard length <= limits.receivedMessageBytes else {
                return tooLarge(Int(length), direction, limits)
            }
            do throws(Zstandard.Malformed) {
                content = try Zstandard.shared.decompress(
                    content.readableBytesView, bytes: Int(length))
            } catch {
                return .violation(ProtocolViolation("message: zstd: \(error.reason)"))
            }
        }
        let bytes = content.readableBytes
        do throws(RPCMessage.DecodingError) {
            var message = try RPCMessage(content: content, attachmentLimit: limits.attachments)
            message.isCompressed = isCompressed
            return .message(message, bytes: bytes, isLast: isLast)
        } catch {
            switch error {
            case .violation(let violation): return .violation(violation)
            case .limit(let count):
                return .refused(
                    RPCStatus(tooManyAttachments(count, limit: limits.attachments)))
            }
        }
    }

    private func tooLarge(_ bytes: Int, _ direction: String, _ limits: RPCLimits) -> Outcome {
        .refused(
            RPCStatus(
                messageTooLarge(
                    bytes, limit: limits.receivedMessageBytes, direction,
                    name: "receivedMessageBytes")))
    }

    private mutating func hold(_ bytes: ByteBuffer) {
        var bytes = bytes
        // Taken out first: two owners would make the append a copy.
        var held = part.take() ?? ByteBuffer()
        held.writeBuffer(&bytes)
        part = held
    }
}
