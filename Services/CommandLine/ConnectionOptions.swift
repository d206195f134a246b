import ArgumentParser
import Logging
import RPC
import ServiceKit

/// How connections to services are protected, and what they are sent.
struct ConnectionOptions: ParsableArguments {
    /// Environment variables are called like the options: `LLARA_TLS_AUTHORITIES`.
    @Option(
        help: """
            Authorities of the service's certificate, a PEM file or 'system'; with it, TLS 1.3 only \
            (default: LLARA_TLS_AUTHORITIES).
            """)
    var tlsAuthorities: String?
    @Option(help: "PEM file with a certificate of one's own (default: LLARA_TLS_CERTIFICATE).")
    var tlsCertificate: String?
    @Option(help: "PEM file with its key (default: LLARA_TLS_KEY).") var tlsKey: String?
    @Option(help: "Name in the service's certificate (default: LLARA_TLS_NAME, else the host).")
    var tlsName: String?
    @Option(
        help: "Where bytes may go unprotected: loopback, or anywhere (default: LLARA_PLAINTEXT).")
    var plaintext: String?
    @Option(help: "File with a bearer token to send (default: LLARA_TOKEN_FILE).")
    var tokenFile: String?

    private func value(_ key: String) -> String? {
        let given: [String: String?] = [
            "tls-authorities": tlsAuthorities, "tls-certificate": tlsCertificate, "tls-key": tlsKey,
            "tls-name": tlsName, "plaintext": plaintext, "token-file": tokenFile,
        ]
        let variable = "LLARA_" + key.uppercased().replacing("-", with: "_")
        return (given[key] ?? nil) ?? Console.environment(variable)
    }

    /// - Throws: `ValidationError` naming the option that cannot be used.
    func configuration() throws -> RPCClientConfiguration {
        var configuration = RPCClientConfiguration.defaults
        do throws(SettingError) {
            configuration.security = try ServiceSettings.clientSecurity("tls-", value)
            configuration.bearerToken = try value("token-file").map { path throws(SettingError) in
                try TokenFiles.token(file: path, key: "token-file")
            }
        } catch {
            throw ValidationError("--\(error.key): \(error.message)")
        }
        return configuration
    }

    /// Connects to one address for the time of `body`.
    func withConnection<Result: Sendable>(
        to address: RPCAddress, _ body: (any RPCCaller) async throws -> Result
    ) async throws -> Result {
        // Errors reach the person through the command's own message.
        let silent = Logger(label: "llara") { _ in SwiftLogNoOpLogHandler() }
        let client = RPCClient(
            replicas: [address], configuration: try configuration(), logger: silent)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            do {
                let result = try await body(client)
                client.beginGracefulShutdown()
                try await group.waitForAll()
                return result
            } catch {
                client.beginGracefulShutdown()
                group.cancelAll()
                throw error
            }
        }
    }
}
