public import RPC
internal import ServiceAPI

/// How a service's own port and its connections to other services are protected.
extension ServiceSettings {
    /// Value of `plaintext` that lets unprotected bytes leave the machine.
    static let plaintextAnywhere = "anywhere"
    private static let plaintextLoopback = "loopback"

    /// Settings `tls-certificate`, `tls-key`, `tls-client-authorities` and `plaintext` of the
    /// service's port.
    public func serverSecurity() throws(SettingError) -> ServerSecurity {
        guard let identity = try Self.identity("tls-", optionalString) else {
            if optionalString("tls-client-authorities") != nil {
                throw SettingError(
                    key: "tls-client-authorities",
                    message: "asks clients for certificates, which needs TLS; set tls-certificate")
            }
            return .plaintext(
                beyondLoopback: try Self.isPlaintextAllowed("plaintext", optionalString))
        }
        return .tls(identity, clientAuthorities: optionalString("tls-client-authorities"))
    }

    /// Settings `backend-tls-authorities`, `backend-tls-certificate`, `backend-tls-key`,
    /// `backend-tls-name` and `plaintext` of connections to other services.
    public func backendSecurity() throws(SettingError) -> ClientSecurity {
        try Self.clientSecurity("backend-tls-", optionalString)
    }

    /// How connections are protected that a process makes.
    ///
    /// - Parameters:
    ///   - prefix: of the keys `authorities`, `certificate`, `key` and `name`; `plaintext` has none.
    ///   - value: what a key is set to; nil where it is not.
    public static func clientSecurity(
        _ prefix: String, _ value: (String) -> String?
    ) throws(SettingError) -> ClientSecurity {
        let identity = try identity(prefix, value)
        let name = value(prefix + "name")
        guard let authorities = value(prefix + "authorities") else {
            if identity != nil || name != nil {
                throw SettingError(
                    key: prefix + "authorities",
                    message: "is missing: write FILE, or 'system' for this machine's authorities")
            }
            return .plaintext(beyondLoopback: try isPlaintextAllowed("plaintext", value))
        }
        return .tls(
            authorities: authorities == "system" ? nil : authorities, identity: identity,
            serverName: name)
    }

    private static func identity(
        _ prefix: String, _ value: (String) -> String?
    ) throws(SettingError) -> TLSIdentity? {
        switch (value(prefix + "certificate"), value(prefix + "key")) {
        case (nil, nil): return nil
        case (let certificate?, let key?):
            return TLSIdentity(certificateChain: certificate, privateKey: key)
        case (_?, nil):
            throw SettingError(
                key: prefix + "key", message: "is missing: the certificate needs its key")
        case (nil, _?):
            throw SettingError(
                key: prefix + "certificate", message: "is missing: the key needs its certificate")
        }
    }

    private static func isPlaintextAllowed(
        _ key: String, _ value: (String) -> String?
    ) throws(SettingError) -> Bool {
        switch value(key) {
        case nil, plaintextLoopback: return false
        case plaintextAnywhere: return true
        case let other?:
            throw SettingError(
                key: key,
                message: "'\(other)' is neither \(plaintextLoopback) nor \(plaintextAnywhere)")
        }
    }
}
