import CMessages

/// One position of a prompt, for a person to read.
public struct PromptToken: WireMessage {
    /// Number in the LLM's vocabulary; 0 for a vector.
    public var id: Int
    /// The token's bytes, which may be a part of a character; empty for a vector.
    public var text: [UInt8]
    /// Whether it is a vector and not a token.
    public var isVector: Bool
    /// Row of the request's vectors.
    public var row: Int
    /// Item whose behavioural token this is; set by the gateway.
    public var itemID: String
    /// Role of a vector, "item" or "user"; set by the gateway.
    public var role: String

    /// Makes the message; every field has its proto default.
    public init(
        id: Int = 0, text: [UInt8] = [], isVector: Bool = false, row: Int = 0, itemID: String = "",
        role: String = ""
    ) {
        self.id = id
        self.text = text
        self.isVector = isVector
        self.row = row
        self.itemID = itemID
        self.role = role
    }

    /// The conversion through protobuf-c.
    public static var codec: WireCodec<PromptToken> { .protobuf }
}

extension PromptToken: ProtobufConvertible {
    static var initialise: (UnsafeMutablePointer<Llara__V1__PromptToken>?) -> Void {
        llara__v1__prompt_token__init
    }

    init(_ c: Llara__V1__PromptToken) throws(WireError) {
        self.init(
            id: Int(c.id),
            text: try Checked.bytes("text", c.text, limit: WireLimits.maximumTokenBytes),
            isVector: c.is_vector != 0,
            row: Int(c.row),
            itemID: try Checked.name("item_id", c.item_id),
            role: try Checked.name("role", c.role))
    }

    func fill(_ c: inout Llara__V1__PromptToken, _ arena: EncodingArena) {
        c.id = UInt32(clamping: id)
        c.text = arena.bytes(text)
        c.is_vector = isVector ? 1 : 0
        c.row = UInt32(clamping: row)
        c.item_id = arena.string(itemID)
        c.role = arena.string(role)
    }
}
