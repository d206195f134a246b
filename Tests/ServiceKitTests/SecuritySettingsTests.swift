import Foundation
import RPC
import ServiceAPI
import Testing

@testable import ServiceKit

@Suite("Settings of security")
struct SecuritySettingsTests {
    private func settings(_ values: [String: String]) -> ServiceSettings {
        ServiceSettings(service: "encoder", values: values)
    }

    private let identity = TLSIdentity(certificateChain: "a.pem", privateKey: "a.key")

    @Test("a port is plaintext on this machine alone unless a certificate or 'anywhere' is set")
    func server() throws {
        #expect(try settings([:]).serverSecurity() == .plaintext(beyondLoopback: false))
        #expect(
            try settings(["plaintext": "anywhere"]).serverSecurity()
                == .plaintext(beyondLoopback: true))
        var values = ["tls-certificate": "a.pem", "tls-key": "a.key"]
        #expect(try settings(values).serverSecurity() == .tls(identity, clientAuthorities: nil))
        values["tls-client-authorities"] = "ca.pem"
        #expect(
            try settings(values).serverSecurity() == .tls(identity, clientAuthorities: "ca.pem"))
    }

    @Test("connections to other services are TLS where authorities are named")
    func backend() throws {
        #expect(try settings([:]).backendSecurity() == .plaintext(beyondLoopback: false))
        #expect(
            try settings(["backend-tls-authorities": "system"]).backendSecurity()
                == .tls(authorities: nil, identity: nil, serverName: nil))
        let values = [
            "backend-tls-authorities": "ca.pem", "backend-tls-certificate": "a.pem",
            "backend-tls-key": "a.key", "backend-tls-name": "encoder.example",
        ]
        #expect(
            try settings(values).backendSecurity()
                == .tls(authorities: "ca.pem", identity: identity, serverName: "encoder.example"))
    }

    @Test(
        "half of what belongs together is an error that names the other half",
        arguments: [
            (["tls-certificate": "a.pem"], "tls-key"), (["tls-key": "a.key"], "tls-certificate"),
            (["tls-client-authorities": "ca.pem"], "tls-client-authorities"),
            (["plaintext": "yes"], "plaintext"),
        ])
    func serverHalves(values: [String: String], key: String) {
        #expect {
            try settings(values).serverSecurity()
        } throws: { ($0 as? SettingError)?.key == key }
    }

    @Test(
        "a client's certificate, key or name without authorities is an error",
        arguments: ["backend-tls-name", "backend-tls-certificate"])
    func backendHalves(key: String) {
        var values = [key: "a"]
        if key.hasSuffix("certificate") { values["backend-tls-key"] = "b" }
        #expect {
            try settings(values).backendSecurity()
        } throws: { ($0 as? SettingError)?.key == "backend-tls-authorities" }
    }
}

@Suite("Files of tokens")
struct TokenFilesTests {
    private func write(_ text: String) throws -> String {
        let file = FileManager.default.temporaryDirectory.appending(path: "tokens-\(UUID())")
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// SHA-256 of "abc" (FIPS 180-4).
    private static let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    private func file(sha256: String = digest, scopes: String = "\"inference\"") -> String {
        "{\"tokens\": [{\"name\": \"shop\", \"sha256\": \"\(sha256)\", \"scopes\": [\(scopes)]}]}"
    }

    @Test("a call of the product's methods needs a token of the file with the method's scope")
    func scopes() throws {
        let interceptor = try TokenFiles.interceptor(file: try write(file()))
        func code(_ method: RPCMethod, _ token: String) -> RPCError.Code? {
            var metadata = Metadata()
            metadata.add(text: "Bearer \(token)", for: "authorization")
            do {
                try interceptor.arrived(CallContext(method: method, metadata: metadata))
                return nil
            } catch {
                return (error as? RPCError)?.code
            }
        }
        #expect(code(GatewayMethods.recommend.method, "abc") == nil)
        #expect(code(RankerMethods.rank.method, "abc") == nil)
        #expect(code(GatewayMethods.recommend.method, "abd") == .unauthenticated)
        #expect(code(GatewayMethods.upsertItems.method, "abc") == .permissionDenied)
        #expect(code(GatewayMethods.activateRelease.method, "abc") == .permissionDenied)
        #expect(code(HealthMethods.check.method, "abc") == .permissionDenied)
    }

    @Test("a file that cannot be used is an error that names what is wrong")
    func malformed() throws {
        let cases = [
            ("{", "tokens"), (file(sha256: "xy"), "hexadecimal"), (file(sha256: "ab"), "32 bytes"),
            (file(scopes: "\"all\""), "'all'"), (file(scopes: ""), "allows nothing"),
            ("{\"tokens\": []}", "0 tokens"),
            (String(repeating: " ", count: TokenFiles.maximumBytes + 1), "bytes"),
        ]
        for (text, hint) in cases {
            #expect {
                try TokenFiles.interceptor(file: try write(text))
            } throws: { ($0 as? SettingError)?.message.contains(hint) == true }
        }
        #expect(throws: SettingError.self) { try TokenFiles.interceptor(file: "/nowhere") }
    }

    @Test("the token to send is what stands in its file, without the blanks around it")
    func token() throws {
        #expect(try TokenFiles.token(file: try write(" abc.1\n"), key: "k") == "abc.1")
        for text in ["", "two words", String(repeating: "a", count: 4_097)] {
            #expect {
                try TokenFiles.token(file: try write(text), key: "k")
            } throws: { ($0 as? SettingError)?.key == "k" }
        }
    }
}
