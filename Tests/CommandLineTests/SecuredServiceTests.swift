import Foundation
import RPC
import TestCertificates
import Testing

@Suite("A service with certificates, tokens and a record", .timeLimit(.minutes(2)))
struct SecuredServiceTests {
    /// SHA-256 of "abc" (FIPS 180-4).
    private static let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("answers whom it should, shows what it does, and its record can be replayed")
    func walk() async throws {
        try await withTemporaryFolder { folder in
            let authority = try CertificateAuthority.shared.get()
            let server = try CertificateAuthority.server.get()
            let client = try authority.issue("operator")
            let (tokens, token) = (folder.appending(path: "tokens"), folder.appending(path: "t"))
            let record = folder.appending(path: "calls").path
            let scopes = #"["health", "inference", "admin"]"#
            try Data(
                #"{"tokens": [{"name": "o", "sha256": "\#(Self.digest)", "scopes": \#(scopes)}]}"#
                    .utf8
            ).write(to: tokens)
            try Data("abc\n".utf8).write(to: token)
            let secure = [
                "LLARA_TLS_AUTHORITIES": authority.certificate,
                "LLARA_TLS_CERTIFICATE": client.certificateChain,
                "LLARA_TLS_KEY": client.privateKey,
            ]
            let known = secure.merging(["LLARA_TOKEN_FILE": token.path]) { $1 }
            try await withService(
                "encoder",
                [
                    "--release", ServiceFleet.release, "--threads", "1",
                    "--tls-certificate", server.certificateChain, "--tls-key", server.privateKey,
                    "--tls-client-authorities", authority.certificate, "--tokens", tokens.path,
                    "--record-file", record, "--record-share", "1",
                ]
            ) { address in
                try await check(address, secure: secure, known: known)
            }
            try await replay(record, known: known, server.certificateChain, server.privateKey)
        }
    }

    private func check(
        _ address: String, secure: [String: String], known: [String: String]
    ) async throws {
        let plain = try await llara(["health", address])
        #expect(plain.status == 69, "\(plain.output)")
        let withoutToken = try await llara(["health", address], environment: secure)
        #expect(withoutToken.output.contains("UNAUTHENTICATED"), "\(withoutToken.output)")
        let health = try await llara(["health", address], environment: known)
        #expect(health.status == 0, "\(health.output)")
        let call = try await llara(
            ["call", "Encoder/Describe", "--address", address], environment: known)
        #expect(call.status == 0, "\(call.errors)")
        let inspection = try await llara(["inspect", address, "--json"], environment: known).json()
        let slow = try #require(inspection["slow_calls"] as? [[String: Any]])
        let methods = Set(slow.compactMap { $0["method"] as? String })
        #expect(methods == ["llara.v1.Health/Check", "llara.v1.Encoder/Describe"])
        let statuses = Set(slow.compactMap { $0["status"] as? String })
        #expect(statuses == ["OK", "UNAUTHENTICATED"])
        let list = try await llara(["inspect", address, "--methods"], environment: known)
        #expect(list.output.contains("llara.v1.Inspection/Inspect(llara.v1.InspectRequest)"))
    }

    private func replay(
        _ record: String, known: [String: String], _ certificate: String, _ key: String
    ) async throws {
        try await withService(
            "encoder",
            [
                "--release", ServiceFleet.release, "--threads", "1", "--tls-certificate",
                certificate, "--tls-key", key,
            ]
        ) { address in
            let arguments = ["replay", record, "--address", address, "--in-flight", "2"]
            let run = try await llara(arguments + ["--json"], environment: known)
            let report = try run.json()
            // Health twice, once refused; Describe, Inspect and ListMethods.
            #expect(report["calls"] as? Int == 5, "\(run.output)")
            #expect(report["changed"] as? Int == 1, "no token is needed now: \(run.output)")
            #expect(run.status == 1)
            let table = try await llara(arguments, environment: known)
            #expect(table.output.contains("5 calls in"), "\(table.output)")
            #expect(table.output.contains("UNAUTHENTICATED"), "\(table.output)")
        }
    }
}
