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
}
