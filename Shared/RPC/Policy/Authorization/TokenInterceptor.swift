/// Lets only calls through whose bearer token allows them (RFC 6750).
public struct TokenInterceptor: ServerInterceptor {
    /// Metadata that holds the token.
    static let key = BearerToken.metadataKey

    private let tokens: BearerTokens
    private let scopes: MethodScopes
    private let sha256: @Sendable ([UInt8]) -> [UInt8]

    /// Checks against `tokens`; a method that nothing is said of needs the scope `admin`.
    ///
    /// - Parameters:
    ///   - services: what all methods of a service need; nil for a service that needs no token.
    ///   - methods: what single methods need, whatever their service says.
    ///   - sha256: the digest of bytes, from whoever has a library for it.
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming the token that cannot be used.
    public init(
        _ tokens: [BearerToken], services: [String: AccessScope?],
        methods: [RPCMethod: AccessScope] = [:],
        sha256: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) throws {
        self.tokens = try BearerTokens(tokens)
        var requirements = MethodScopes()
        for (service, scope) in services {
            requirements.set(service: service, scope.map { .scope($0) } ?? .open)
        }
        for (method, scope) in methods { requirements.set(method: method, .scope(scope)) }
        self.scopes = requirements
        self.sha256 = sha256
    }

    /// Throws UNAUTHENTICATED without a known token, PERMISSION_DENIED without its scope.
    public func arrived(_ context: CallContext) throws {
        let verdict = tokens.check(
            authorization: context.metadata.text(Self.key), for: scopes[context.method],
            sha256: sha256)
        if case .denied(let error) = verdict { throw error }
    }
}
