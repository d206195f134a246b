internal import Domain

extension RPCMessage {
    /// Throws what a sender learns of a message that its own limits, or its peer's, do not allow.
    ///
    /// `direction` is "request" or "response".
    func check(
        _ direction: String, limits: RPCLimits, peerMessageBytes: Int, peerAttachments: Int
    ) throws(RPCError) {
        let bytes = encodedByteCount
        guard bytes <= limits.sentMessageBytes else {
            throw messageTooLarge(
                bytes, limit: limits.sentMessageBytes, direction, name: "sentMessageBytes")
        }
        guard bytes <= peerMessageBytes else {
            throw messageTooLarge(
                bytes, limit: peerMessageBytes, direction, name: "the peer's receivedMessageBytes")
        }
        let most = min(limits.attachments, peerAttachments)
        guard attachments.count <= most else {
            throw tooManyAttachments(attachments.count, limit: most)
        }
        let isSendable = attachments.allSatisfy {
            ($0.columns > 0 || $0.rows == 0) && $0.rows <= Int32.max && $0.columns <= Int32.max
        }
        guard isSendable else {
            throw RPCError(
                code: .invalidArgument, message: "an attachment has rows but no columns")
        }
    }
}
