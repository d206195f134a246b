import Foundation
import TestSupport
import Testing

/// OpenMP's library says, when asked to, what it took from the environment: a line each time that
/// it is loaded, of which the last is that of the process as it then stays.
@Suite("How threads of ggml wait in a service")
struct WaitPolicyTests {
    @Test(
        "they sleep, whoever starts it and knows of no policy",
        arguments: ["llara-encoder", "llara-projector", "llara-ranker"])
    func passive(service: String) async throws {
        #expect(try await spins(service, environment: [:]) == ["300000", "0"])
    }

    @Test("they do as who starts it says")
    func chosen() async throws {
        let passive = ["OMP_WAIT_POLICY": "passive"]
        #expect(try await spins("llara-ranker", environment: passive) == ["0"])
        let active = try await spins("llara-ranker", environment: ["OMP_WAIT_POLICY": "active"])
        #expect(active.count == 1 && active != ["0"])
    }

    /// Turns that a waiting thread spins, for each time that the library was loaded.
    private func spins(
        _ service: String, environment: [String: String]
    ) async throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: builtExecutable(service))
        process.arguments = ["--version"]
        process.environment = environment.merging(["OMP_DISPLAY_ENV": "verbose"]) { $1 }
        let errors = Pipe()
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        let (ended, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { continuation.yield($0.terminationStatus) }
        try process.run()
        // A screenful: less than a pipe holds.
        for await status in ended.prefix(1) { #expect(status == 0) }
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        return String(decoding: said, as: UTF8.self)
            .matches(of: /GOMP_SPINCOUNT = '(?<count>[0-9]+)'/)
            .map { String($0.output.count) }
    }
}
