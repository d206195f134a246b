import Foundation
import NIOCore
import TestCertificates
import Testing

@testable import RPC

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    /// Asks a server for an echo, with one try.
    private func echo(
        _ security: ClientSecurity, from address: RPCAddress
    ) async -> RPCError? {
        await status {
            try await withClient(
                of: [address],
                change: {
                    $0.security = security
                    // One try: what it says is the answer.
                    $0.initialBackoff = .seconds(600)
                    $0.maximumBackoff = .seconds(600)
                }
            ) { client in
                let answer = try await client.unary(
                    testMethod("Echo"), RPCMessage(body: [1]),
                    options: CallOptions(timeout: .seconds(50)))
                #expect(answer.body == [1])
            }
        }
    }

    private func trust(
        _ authority: CertificateAuthority, as identity: TLSIdentity? = nil, name: String? = nil
    ) -> ClientSecurity {
        .tls(authorities: authority.certificate, identity: identity, serverName: name)
    }

    @Test("a client takes a server by its address, by its name and by the name it is told")
    func names() async throws {
        let authority = try CertificateAuthority.shared.get()
        let named = try authority.issue("named", for: "DNS:encoder.example")
        let identity = try CertificateAuthority.server.get()
        try await withServer(
            testRouter(), change: { $0.security = .tls(identity, clientAuthorities: nil) }
        ) { _, address in
            #expect(await echo(trust(authority), from: address) == nil)
            let byName = RPCAddress(host: "localhost", port: address.port)
            #expect(await echo(trust(authority), from: byName) == nil)
        }
        try await withServer(
            testRouter(), change: { $0.security = .tls(named, clientAuthorities: nil) }
        ) { _, address in
            let error = await echo(trust(authority), from: address)
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("TLS") == true, "\(error?.message ?? "")")
            let security = trust(authority, name: "encoder.example")
            #expect(await echo(security, from: address) == nil)
        }
    }

    @Test("a certificate of another authority, of another host or of the past is refused")
    func untrusted() async throws {
        let authority = try CertificateAuthority.shared.get()
        let foreign = try CertificateAuthority().issue("foreign")
        let other = try authority.issue("other", for: "DNS:elsewhere.example,IP:192.0.2.1")
        let past = try authority.issue("past", days: -1)
        for identity in [foreign, other, past] {
            try await withServer(
                testRouter(), change: { $0.security = .tls(identity, clientAuthorities: nil) }
            ) { _, address in
                let error = await echo(trust(authority), from: address)
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains("TLS") == true, "\(error?.message ?? "")")
            }
        }
    }

    @Test("where a server asks for certificates, only clients with one of its authorities get in")
    func mutual() async throws {
        let authority = try CertificateAuthority.shared.get()
        let server = try CertificateAuthority.server.get()
        let client = try authority.issue("client")
        let stranger = try CertificateAuthority().issue("stranger")
        try await withServer(
            testRouter(),
            change: {
                $0.security = .tls(server, clientAuthorities: authority.certificate)
            }
        ) { _, address in
            #expect(await echo(trust(authority, as: client), from: address) == nil)
            for identity in [nil, stranger] {
                let error = await echo(trust(authority, as: identity), from: address)
                #expect(error?.code == .unavailable)
            }
        }
    }

    @Test("plaintext and TLS do not meet, and each side says so")
    func mixed() async throws {
        let authority = try CertificateAuthority.shared.get()
        let identity = try CertificateAuthority.server.get()
        try await withServer(
            testRouter(), change: { $0.security = .tls(identity, clientAuthorities: nil) }
        ) { _, address in
            let error = await echo(.plaintext(beyondLoopback: false), from: address)
            #expect(error?.code == .unavailable)
        }
        try await withServer(testRouter()) { _, address in
            let error = await echo(trust(authority), from: address)
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("TLS") == true, "\(error?.message ?? "")")
        }
    }

    @Test("a TLS 1.2 client and one of another protocol are refused")
    func otherClients() async throws {
        let identity = try CertificateAuthority.server.get()
        try await withServer(
            testRouter(), change: { $0.security = .tls(identity, clientAuthorities: nil) }
        ) { _, address in
            let old = try await OpenSSLClient.run(["-connect", "\(address)", "-tls1_2"])
            #expect(old.status != 0)
            let http = try await OpenSSLClient.run(["-connect", "\(address)", "-alpn", "h2"])
            #expect(!http.output.contains("ALPN protocol: llara/1"))
            #expect(!http.output.contains("llara\r\n"))
            let ours = try await OpenSSLClient.run(["-connect", "\(address)", "-alpn", "llara/1"])
            #expect(ours.output.contains("ALPN protocol: llara/1"))
            #expect(ours.output.contains("TLSv1.3"))
        }
    }

    @Test("replaced certificates serve the next connection, and a wrong one changes nothing")
    func reload() async throws {
        let authority = try CertificateAuthority()
        let identity = try authority.issue("server", for: "DNS:first.example")
        let source = try #require(
            try TLSContextSource.server(.tls(identity, clientAuthorities: nil)))
        let isNewAtOnce = try source.refresh()
        #expect(!isNewAtOnce)
        // The new key without its certificate.
        let certificate = try Data(contentsOf: URL(filePath: identity.certificateChain))
        _ = try authority.issue("server", for: "DNS:second.example")
        let replaced = try Data(contentsOf: URL(filePath: identity.certificateChain))
        try certificate.write(to: URL(filePath: identity.certificateChain))
        let before = source.current
        let error = await status { _ = try source.refresh() }
        #expect(error?.code == .invalidArgument)
        #expect(source.current === before)
        let isTriedAgain = try source.refresh()
        #expect(!isTriedAgain, "what could not be used is tried again only once it has changed")
        try replaced.write(to: URL(filePath: identity.certificateChain))
        let isNew = try source.refresh()
        #expect(isNew)
        #expect(source.current !== before)
    }

    @Test("a server changes its certificate while it runs, and open connections stay")
    func reloadWhileServing() async throws {
        let authority = try CertificateAuthority()
        let identity = try authority.issue("server", for: "DNS:first.example")
        try await withServer(
            testRouter(),
            change: {
                $0.security = .tls(identity, clientAuthorities: nil)
                $0.certificateInterval = .milliseconds(5)
            }
        ) { _, address in
            let first = trust(authority, name: "first.example")
            try await withClient(of: [address], change: { $0.security = first }) { client in
                try await connect(client)
                _ = try authority.issue("server", for: "DNS:second.example")
                let second = trust(authority, name: "second.example")
                while await echo(second, from: address) != nil {}
                #expect(await echo(first, from: address)?.code == .unavailable)
                let answer = try await client.unary(
                    testMethod("Echo"), RPCMessage(body: [7]), options: .defaults)
                #expect(answer.body == [7])
            }
        }
    }

    @Test("files that cannot be used are named at the start")
    func badFiles() async throws {
        let authority = try CertificateAuthority()
        let good = try authority.issue("good")
        let other = try authority.issue("other")
        let (text, large) = ("\(authority.folder)/text", "\(authority.folder)/large")
        try Data("no certificate".utf8).write(to: URL(filePath: text))
        try Data(count: TLSContextSource.maximumFileBytes + 1).write(to: URL(filePath: large))
        func identity(_ chain: String, _ key: String) -> TLSIdentity {
            TLSIdentity(certificateChain: chain, privateKey: key)
        }
        let cases: [(TLSIdentity, String?, String)] = [
            (identity("/nowhere.pem", good.privateKey), nil, "/nowhere.pem"),
            (identity(text, good.privateKey), nil, text),
            (identity(good.certificateChain, text), nil, text),
            (identity(large, good.privateKey), nil, large),
            (identity(authority.folder, good.privateKey), nil, authority.folder),
            (identity(good.certificateChain, other.privateKey), nil, "belong together"),
            (good, text, text),
        ]
        for (identity, authorities, hint) in cases {
            let error = await status {
                _ = try TLSContextSource.server(.tls(identity, clientAuthorities: authorities))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(hint) == true, "\(error?.message ?? "no error")")
        }
    }

    @Test(
        "without TLS a server listens beyond this machine only if that is asked for",
        arguments: ["0.0.0.0", "::", "192.0.2.7", "encoder.example", "127.0.0.1.example"])
    func plaintextServer(host: String) throws {
        let address = RPCAddress(host: host, port: 7401)
        var configuration = RPCServerConfiguration.defaults(address: address)
        let error = #expect(throws: RPCError.self) { try configuration.validate() }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("\(address)") == true)
        configuration.security = .plaintext(beyondLoopback: true)
        try configuration.validate()
    }

    @Test(
        "this machine's own addresses need no TLS",
        arguments: ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"])
    func loopback(host: String) throws {
        try RPCServerConfiguration.defaults(address: RPCAddress(host: host, port: 1)).validate()
    }

    @Test("without TLS a client sends nothing beyond this machine unless told to")
    func plaintextClient() async throws {
        let address = RPCAddress(host: "192.0.2.7", port: 7401)
        let error = await echo(.plaintext(beyondLoopback: false), from: address)
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("nothing protects") == true, "\(error?.message ?? "")")
    }

    @Test("a client whose files cannot be used says so in run and in its calls")
    func badClient() async throws {
        let security = ClientSecurity.tls(
            authorities: "/nowhere.pem", identity: nil, serverName: nil)
        var configuration = RPCClientConfiguration.defaults
        configuration.security = security
        configuration.connectWait = .seconds(50)
        let client = RPCClient(
            replicas: [RPCAddress(host: "127.0.0.1", port: 1)], configuration: configuration,
            logger: quietLogger)
        async let waiting = status {
            _ = try await client.unary(
                testMethod("Echo"), RPCMessage(body: []), options: .defaults)
        }
        let error = await status { try await client.run() }
        for error in [error, await waiting] {
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains("/nowhere.pem") == true)
        }
    }

    @Test("a name that can stand in no certificate fits none")
    func impossibleName() async throws {
        let authority = try CertificateAuthority.shared.get()
        let identity = try CertificateAuthority.server.get()
        try await withServer(
            testRouter(), change: { $0.security = .tls(identity, clientAuthorities: nil) }
        ) { _, address in
            let error = await echo(trust(authority, name: "no\u{E4}me"), from: address)
            #expect(error?.message.contains("TLS") == true, "\(error?.message ?? "")")
        }
    }
}

/// The openssl program as a client that says nothing.
enum OpenSSLClient {
    static func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = ["s_client"] + arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        let ended = OneShot<Int32>()
        process.terminationHandler = { ended.fulfil(.success($0.terminationStatus)) }
        try process.run()
        let status = try await ended.value()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        return (status, String(decoding: text, as: UTF8.self))
    }
}
