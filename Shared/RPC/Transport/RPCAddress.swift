/// Where a server listens.
public struct RPCAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or a literal address; IPv6 without brackets.
    public let host: String
    /// 0 to 65535; 0 asks for a free one when listening.
    public let port: Int

    /// Makes an address.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[::1]:port`.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT saying what is expected.
    public init(parsing text: String) throws {
        let error = RPCError(
            code: .invalidArgument,
            message: "'\(text)' is no address; write host:port or [::1]:port")
        guard let colon = text.lastIndex(of: ":") else { throw error }
        let portText = text[text.index(after: colon)...]
        var host = text[..<colon]
        guard portText.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let port = UInt16(portText)
        else { throw error }
        if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
            host = host.dropFirst().dropLast()
        } else if host.contains(where: { ":[]".contains($0) }) {
            throw error
        }
        guard !host.isEmpty, host.utf8.count <= 253, !host.contains(where: \.isWhitespace) else {
            throw error
        }
        self.init(host: String(host), port: Int(port))
    }

    /// `host:port`, an IPv6 host in brackets; `init(parsing:)` reads it.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
