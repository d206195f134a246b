import Wire

extension FuzzSubject {
    /// Message conversion: byte 0 is the kind's index, byte 1 is odd for one with attachments, the
    /// rest is the body.
    ///
    /// What is read must be written, and read again, as the same; the way through JSON too.
    static let messages = FuzzSubject(name: "messages") { bytes in
        guard bytes.count >= 2, messageKinds.indices.contains(Int(bytes[0])) else { return }
        let kind = messageKinds[Int(bytes[0])]
        try convert(kind, Array(bytes[2...]), hasAttachments: bytes[1] & 1 == 1)
    }

    /// An input of ``messages`` for a body of the kind with this index.
    public static func messageInput(kind: Int, body: [UInt8]) -> [UInt8] {
        [UInt8(kind), attachments(for: messageKinds[kind]).isEmpty ? 0 : 1] + body
    }

    private static func convert<Message: WireMessage>(
        _ kind: Message.Type, _ body: [UInt8], hasAttachments: Bool
    ) throws {
        guard
            let message = try? Message(
                body: body, attachments: hasAttachments ? attachments(for: kind) : [])
        else { return }
        let written = message.encodedBody()
        let again = try Message(body: written, attachments: message.attachments)
        guard again == message, again.encodedBody() == written else {
            throw FuzzFinding(description: "\(kind) is written as another message")
        }
        let schema = MessageSchema(of: kind)
        let fromJSON = try schema.body(ofJSON: schema.json(ofBody: written))
        guard try Message(body: fromJSON, attachments: message.attachments) == message else {
            throw FuzzFinding(description: "\(kind) is another message after JSON")
        }
    }
}
