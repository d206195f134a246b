public import ArgumentParser

/// The options that every service has; each beats its environment variable and the file.
public struct ServiceArguments: ParsableArguments {
    @Option(help: "JSON file with settings, under the service's name.")
    var config: String?
    @Option(help: "Address to serve on, HOST:PORT; port 0 takes a free one.")
    var listen: String?
    @Option(help: "File that receives HOST:PORT once the service is ready.")
    var addressFile: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel: String?
    @Option(help: "PEM file with the certificate of this service's port; with it, TLS 1.3 only.")
    var tlsCertificate: String?
    @Option(help: "PEM file with the certificate's key.")
    var tlsKey: String?
    @Option(help: "PEM file with authorities: clients need a certificate of one of them.")
    var tlsClientAuthorities: String?
    @Option(help: "Where bytes may go unprotected: loopback, or anywhere.")
    var plaintext: String?
    @Option(help: "JSON file with digests of the bearer tokens that are accepted.")
    var tokens: String?
    @Option(
        help: "New file that takes a sample of the calls, for llara replay; it holds user data.")
    var recordFile: String?
    @Option(help: "Share of the calls that is recorded, 0 to 1 (0.01).")
    var recordShare: String?
    @Flag(help: "Print the settings in force and exit; 64 when one is wrong.")
    var checkConfig = false

    /// What ArgumentParser asks for.
    public init() {}

    /// The options that are settings, by key.
    var options: [String: String?] {
        [
            "listen": listen, "log-level": logLevel, "tls-certificate": tlsCertificate,
            "tls-key": tlsKey, "tls-client-authorities": tlsClientAuthorities,
            "plaintext": plaintext, "tokens": tokens, "record-file": recordFile,
            "record-share": recordShare,
        ]
    }
}
