/// The tokens of a server, and whether a call may be made with what it brought.
struct BearerTokens: Sendable {
    /// Most tokens; each call is compared with all.
    static let maximumTokens = 1_000
    static let maximumNameBytes = 64

    enum Verdict {
        /// The call may go on; the name of the token for the log, nil where none is needed.
        case allowed(name: String?)
        /// UNAUTHENTICATED or PERMISSION_DENIED, to be answered as it is.
        case denied(RPCError)
    }

    private let tokens: [BearerToken]

    /// Throws INVALID_ARGUMENT that names the token which cannot be used.
    init(_ tokens: [BearerToken]) throws(RPCError) {
        guard (1...Self.maximumTokens).contains(tokens.count) else {
            throw Self.invalid("\(tokens.count) tokens; give 1 to \(Self.maximumTokens)")
        }
        var names: Set<String> = []
        var digests: Set<[UInt8]> = []
        for (index, token) in tokens.enumerated() {
            guard (1...Self.maximumNameBytes).contains(token.name.utf8.count) else {
                throw Self.invalid(
                    "token \(index) has a name of \(token.name.utf8.count) bytes; give it 1 to "
                        + "\(Self.maximumNameBytes)")
            }
            guard token.sha256.count == BearerToken.digestBytes else {
                throw Self.invalid(
                    "token \(token.name): SHA-256 has \(BearerToken.digestBytes) bytes, this one "
                        + "\(token.sha256.count)")
            }
            guard !token.scopes.isEmpty else {
                throw Self.invalid("token \(token.name) allows nothing; give it a scope")
            }
            guard names.insert(token.name).inserted else {
                throw Self.invalid("two tokens have the name \(token.name)")
            }
            guard digests.insert(token.sha256).inserted else {
                throw Self.invalid("token \(token.name) is the same as one before; remove it")
            }
        }
        self.tokens = tokens
    }

    /// Judges one call.
    ///
    /// - Parameters:
    ///   - authorization: The first value under `authorization`; nil without one.
    ///   - requirement: What the method needs.
    ///   - sha256: The digest of bytes; comes from whoever has a library for it.
    func check(
        authorization: String?, for requirement: MethodScopes.Requirement,
        sha256: ([UInt8]) -> [UInt8]
    ) -> Verdict {
        guard case .scope(let scope) = requirement else { return .allowed(name: nil) }
        guard let authorization else {
            return unauthenticated("this method needs a token: send authorization: Bearer TOKEN")
        }
        guard let text = Self.token(in: authorization) else {
            return unauthenticated(
                "authorization is not 'Bearer ' and 1 to \(BearerToken.maximumBytes) characters "
                    + "of A-Z a-z 0-9 - . _ ~ + / =")
        }
        guard let token = token(withDigest: sha256(text)) else {
            return unauthenticated("this token is unknown; ask the operator for one")
        }
        guard token.scopes.contains(scope) else {
            return .denied(
                RPCError(
                    code: .permissionDenied,
                    message: "this token does not allow '\(scope.rawValue)'; use one that does"))
        }
        return .allowed(name: token.name)
    }

    /// Every digest is compared in full, so that time tells neither which token is near nor where
    /// it differs.
    private func token(withDigest digest: [UInt8]) -> BearerToken? {
        guard digest.count == BearerToken.digestBytes else { return nil }
        var found: BearerToken?
        for token in tokens where Self.difference(token.sha256, digest) == 0 { found = token }
        return found
    }

    /// 0 exactly if the bytes are equal; both have the same length.
    private static func difference(_ one: [UInt8], _ other: [UInt8]) -> UInt8 {
        var difference: UInt8 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference
    }

    /// The token after the scheme (RFC 6750 section 2.1), whose name has no case (RFC 9110).
    static func token(in authorization: String) -> [UInt8]? {
        let scheme = "bearer "
        let bytes = Array(authorization.utf8)
        guard bytes.count > scheme.utf8.count,
            bytes.count <= scheme.utf8.count + BearerToken.maximumBytes,
            zip(bytes, scheme.utf8).allSatisfy({ $0 == $1 || ($0 | 0x20 == $1 && $1 != 0x20) })
        else { return nil }
        let token = bytes[scheme.utf8.count...]
        return token.allSatisfy(isTokenByte) ? Array(token) : nil
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~+/=".utf8.contains(byte)
        }
    }

    private func unauthenticated(_ message: String) -> Verdict {
        .denied(RPCError(code: .unauthenticated, message: message))
    }

    private static func invalid(_ message: String) -> RPCError {
        RPCError(code: .invalidArgument, message: message)
    }
}
