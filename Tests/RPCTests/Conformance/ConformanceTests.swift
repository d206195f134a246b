import Foundation
import TestCertificates
import Testing

@testable import RPC

@Suite("Conformance", .timeLimit(.minutes(3)))
struct ConformanceTests {
    @Test(
        "gRPC's interop cases, every way to reach a service", arguments: ConformanceCase.allCases,
        Way.allCases)
    func cases(conformanceCase: ConformanceCase, way: Way) async throws {
        try await way.withCaller(of: TestService.router) { caller in
            try await conformanceCase.run(caller)
        }
    }

    @Test(
        "the Python client, made from WIRE.md alone, passes its cases against this server",
        arguments: [false, true])
    func python(overTLS: Bool) async throws {
        let identity = try CertificateAuthority.server.get()
        let authority = try CertificateAuthority.shared.get().certificate
        try await withServer(
            TestService.router,
            change: { if overTLS { $0.security = .tls(identity, clientAuthorities: nil) } }
        ) { _, address in
            let outcome = try await PythonProgram.run(
                ["-m", "llara.conformance", "--address", "\(address)", "--json"]
                    + (overTLS ? ["--tls-ca", authority] : []))
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            let passed = outcome.output.components(separatedBy: "\"passed\": true").count - 1
            // Every case of this suite, channel_soak, and the whole.
            #expect(passed >= ConformanceCase.allCases.count + 2, "\(outcome.output)")
        }
    }
}

/// Debian's Python, with the repository's client package on its path.
enum PythonProgram {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    private static let package = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Proto/Python/src").path

    static func run(_ arguments: [String]) async throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = arguments
        process.environment = ["PYTHONPATH": package, "PYTHONDONTWRITEBYTECODE": "1"]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        let ended = OneShot<Int32>()
        process.terminationHandler = { ended.fulfil(.success($0.terminationStatus)) }
        try process.run()
        // Little enough for the pipes; reading before the end would block a thread of the pool.
        let status = try await ended.value()
        func text(_ pipe: Pipe) -> String {
            String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        return Outcome(status: status, output: text(output), errors: text(errors))
    }
}
