internal import Domain

extension RPCMessage {
    /// Bytes of the length and count before everything else.
    static let headerBytes = 8
    /// Bytes that describe one attachment.
    static let attachmentHeaderBytes = 12

    /// Size of the content as it stands on the wire, which is what message limits count.
    var encodedByteCount: Int {
        var bytes = Self.headerBytes + attachments.count * Self.attachmentHeaderBytes + body.count
        guard !attachments.isEmpty else { return bytes }
        bytes += Self.padding(after: bytes)
        return attachments.reduce(bytes) { $0 + $1.values.count * 4 }
    }

    /// Zero bytes between the body and the first float, which begins at a multiple of 4.
    static func padding(after bytes: Int) -> Int { (4 - bytes % 4) % 4 }
}
