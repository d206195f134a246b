import Testing

@testable import RPC

@Suite("Bearer tokens")
struct BearerTokensTests {
    /// Stands for SHA-256: 32 bytes that depend on all of the text.
    private func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state = UInt8(truncatingIfNeeded: bytes.count)
        var digest = [UInt8](repeating: 0, count: 32)
        for round in 0..<64 {
            for byte in bytes { state = state &* 31 &+ byte }
            digest[round % 32] ^= state
            state = state &+ UInt8(round)
        }
        return digest
    }

    private func token(
        _ name: String, _ text: String, _ scopes: Set<AccessScope> = [.inference]
    ) -> BearerToken {
        BearerToken(name: name, sha256: digest(Array(text.utf8)), scopes: scopes)
    }

    private func check(
        _ authorization: String?, _ requirement: MethodScopes.Requirement = .scope(.inference)
    ) throws -> String {
        let tokens = try BearerTokens([
            token("backend", "abc.DEF-1"), token("owner", "xyz", [.catalog, .health]),
        ])
        switch tokens.check(authorization: authorization, for: requirement, sha256: digest) {
        case .allowed(let name): return name ?? "anyone"
        case .denied(let error): return error.code.name
        }
    }

    @Test("a known token with the scope is allowed, and named")
    func allowed() throws {
        #expect(try check("Bearer abc.DEF-1") == "backend")
        #expect(try check("bEARER abc.DEF-1") == "backend")
        #expect(try check("Bearer xyz", .scope(.catalog)) == "owner")
        #expect(try check("Bearer xyz", .scope(.health)) == "owner")
    }

    @Test("a known token without the scope is denied", arguments: AccessScope.allCases)
    func scope(scope: AccessScope) throws {
        let expected = scope == .inference ? "backend" : "PERMISSION_DENIED"
        #expect(try check("Bearer abc.DEF-1", .scope(scope)) == expected)
    }

    @Test(
        "anything else is unauthenticated",
        arguments: [
            nil, "", "Bearer", "Bearer ", "Bearer  abc.DEF-1", "Bearer abc.DEF-2", "Bearer abc",
            "Bearer abc.DEF-1 ", "Basic abc.DEF-1", "abc.DEF-1", "Bearer\tabc.DEF-1",
            "Bearer\u{0}abc.DEF-1", "Bearer abc,DEF", "Bearer ä",
        ] as [String?])
    func unauthenticated(authorization: String?) throws {
        #expect(try check(authorization) == "UNAUTHENTICATED")
    }

    @Test("an open method needs no token and minds none")
    func open() throws {
        #expect(try check(nil, .open) == "anyone")
        #expect(try check("nonsense", .open) == "anyone")
    }

    @Test("a token of 4,096 bytes is read, a longer one is refused before it is hashed")
    func length() {
        let longest = String(repeating: "a", count: 4_096)
        #expect(BearerTokens.token(in: "Bearer \(longest)")?.count == 4_096)
        #expect(BearerTokens.token(in: "Bearer \(longest)a") == nil)
    }

    @Test("one byte of a digest makes the difference, wherever it is", arguments: 0..<32)
    func digests(byte: Int) throws {
        var other = digest(Array("abc".utf8))
        other[byte] ^= 1
        let tokens = try BearerTokens([token("a", "abc")])
        let verdict = tokens.check(
            authorization: "Bearer abc", for: .scope(.inference), sha256: { _ in other })
        guard case .denied = verdict else {
            Issue.record("allowed")
            return
        }
    }

    @Test("a digest of another length is no token's")
    func digestLength() throws {
        let tokens = try BearerTokens([token("a", "abc")])
        for count in [0, 31, 33] {
            let verdict = tokens.check(
                authorization: "Bearer abc", for: .scope(.inference),
                sha256: { _ in [UInt8](repeating: 0, count: count) })
            guard case .denied(let error) = verdict else {
                Issue.record("allowed")
                return
            }
            #expect(error.code == .unauthenticated)
            #expect(!error.message.contains("abc"))
        }
    }

    @Test("tokens that cannot be used are refused by name")
    func configuration() {
        let short = BearerToken(name: "short", sha256: [1], scopes: [.admin])
        let lists: [([BearerToken], String)] = [
            ([], "0 tokens"), ([short], "token short: SHA-256 has 32 bytes, this one 1"),
            ([token("", "a")], "token 0 has a name of 0 bytes"),
            ([token(String(repeating: "n", count: 65), "a")], "a name of 65 bytes"),
            ([token("none", "a", [])], "token none allows nothing"),
            ([token("a", "x"), token("a", "y")], "two tokens have the name a"),
            ([token("a", "x"), token("b", "x")], "token b is the same as one before"),
            ((0...1_000).map { token("t\($0)", "\($0)") }, "1001 tokens"),
        ]
        for (list, reason) in lists {
            let error = #expect(throws: RPCError.self) { try BearerTokens(list) }
            #expect(error?.message.contains(reason) == true)
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("a method's own rule comes before its service's, and what has none needs admin")
    func methodScopes() {
        var scopes = MethodScopes()
        let encode = RPCMethod(service: "llara.v1.Encoder", name: "Encode")
        let check = RPCMethod(service: "llara.v1.Encoder", name: "Check")
        #expect(scopes[encode] == .scope(.admin))
        scopes.set(service: "llara.v1.Encoder", .scope(.inference))
        scopes.set(method: check, .open)
        #expect(scopes[encode] == .scope(.inference))
        #expect(scopes[check] == .open)
        #expect(scopes[RPCMethod(service: "llara.v1.Other", name: "Check")] == .scope(.admin))
    }
}
