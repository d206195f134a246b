/// Who a process is: a certificate and the key to it, as PEM files.
public struct TLSIdentity: Sendable, Hashable {
    /// The certificate, then those between it and its authority's.
    public var certificateChain: String
    /// The private key, without a passphrase.
    public var privateKey: String

    /// Names the two files.
    public init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

/// How the connections that a server accepts are protected.
public enum ServerSecurity: Sendable, Hashable {
    /// Not at all; beyond this machine only where it is asked for.
    case plaintext(beyondLoopback: Bool)
    /// By TLS 1.3; where a file of authorities is given, clients need a certificate of one of them
    /// (mTLS).
    case tls(TLSIdentity, clientAuthorities: String?)
}

/// How the connections that a client makes are protected.
public enum ClientSecurity: Sendable, Hashable {
    /// Not at all; beyond this machine only where it is asked for.
    case plaintext(beyondLoopback: Bool)
    /// By TLS 1.3.
    ///
    /// - Parameters:
    ///   - authorities: PEM file with those whose certificates are trusted; nil for the system's.
    ///   - identity: what the client shows to servers that ask (mTLS).
    ///   - serverName: the name in the servers' certificates; nil for the host that is called, a
    ///     name or an address.
    case tls(authorities: String?, identity: TLSIdentity?, serverName: String?)
}

extension RPCAddress {
    /// Whether the host is this machine, by its spelling: other names may resolve to anything.
    var isLoopback: Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "::1" || host == "0:0:0:0:0:0:0:1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Throws INVALID_ARGUMENT where bytes would leave this machine unprotected and nobody asked
    /// for that.
    func checkPlaintext(beyondLoopback: Bool) throws(RPCError) {
        guard beyondLoopback || isLoopback else {
            throw RPCError(
                code: .invalidArgument,
                message: "\(self) is not on this machine and nothing protects the connection; set "
                    + "up TLS, or allow plaintext where the network is trusted")
        }
    }
}
