/// A method's full name.
public struct RPCMethod: Hashable, Sendable, CustomStringConvertible {
    /// Name of the service with its package: `llara.v1.Encoder`.
    public let service: String
    /// Name within the service: `Encode`.
    public let name: String

    /// Names a method.
    public init(service: String, name: String) {
        self.service = service
        self.name = name
    }

    /// `llara.v1.Encoder/Encode`.
    public var description: String { "\(service)/\(name)" }

    /// Longest service or method name in bytes; their lengths travel in 8 bits.
    static let maximumNameBytes = 255

    /// Whether `text` may name a service or method on the wire.
    static func isName(_ text: String) -> Bool {
        (1...maximumNameBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
