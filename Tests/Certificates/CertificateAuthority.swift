internal import Foundation
public import RPC

/// An authority with its files in a folder of its own, by the openssl program.
public struct CertificateAuthority: Sendable {
    /// One for the tests that do not change its files.
    public static let shared = Result { try CertificateAuthority() }
    /// A server's certificate of the shared authority, for loopback.
    public static let server = Result { try shared.get().issue("server") }

    /// Folder of the files; it stays.
    public let folder: String
    /// PEM file with the authority's certificate.
    public let certificate: String

    /// Makes a key and a certificate of its own.
    public init() throws {
        folder =
            FileManager.default.temporaryDirectory
            .appending(path: "llara-certificates-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        certificate = "\(folder)/authority.pem"
        try Self.openssl(
            ["req", "-x509", "-days", "30", "-subj", "/CN=Test authority"]
                + Self.newKey("\(folder)/authority.key") + ["-out", certificate])
    }

    /// Makes a key and a certificate to it; the files begin with `name`.
    ///
    /// - Parameters:
    ///   - names: what it is valid for, as openssl writes it.
    ///   - days: how long from now; negative for one whose time is over.
    public func issue(
        _ name: String, for names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 30
    ) throws -> TLSIdentity {
        let (key, request) = ("\(folder)/\(name).key", "\(folder)/\(name).csr")
        let identity = TLSIdentity(certificateChain: "\(folder)/\(name).pem", privateKey: key)
        try Self.openssl(
            ["req", "-new", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(names)"]
                + Self.newKey(key) + ["-out", request])
        try Self.openssl([
            "x509", "-req", "-in", request, "-CA", certificate, "-CAkey",
            "\(folder)/authority.key", "-days", "\(days)", "-copy_extensions", "copy", "-out",
            identity.certificateChain,
        ])
        return identity
    }

    private static func newKey(_ path: String) -> [String] {
        [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path,
        ]
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = errors
        try process.run()
        let text = String(
            decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw RPCError(code: .internalError, message: "openssl \(arguments): \(text)")
        }
    }
}
