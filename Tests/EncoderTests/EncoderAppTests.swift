import Domain
import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit
import TestSupport
import Testing
import Wire

@testable import llara_encoder

@Suite("An encoder at its start")
struct EncoderAppTests {
    private func app(
        _ releases: [RandomEncoderRelease],
        probe: ModelProbe = ModelProbe(executable: builtExecutable("llara-encoder"))
    ) async throws -> EncoderApp {
        let directories = releases.map(\.release.directory).joined(separator: ",")
        let settings = ServiceSettings(
            service: "encoder",
            values: EncoderConfiguration.defaults.merging(["release": directories]) { $1 })
        return try await EncoderApp(
            configuration: EncoderConfiguration(settings), probe: probe,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("serves every release of its list, each tried by a child first")
    func releases() async throws {
        let releases = [
            try RandomEncoderRelease(name: "one"), try RandomEncoderRelease(name: "two", seed: 2),
        ]
        let client = EncoderClient(
            InProcessTransport(router: try await app(releases).parts.router))
        let described = try await client.describe(DescribeRequest()).releases
        #expect(described.map(\.name) == ["one", "two"])
    }

    @Test("does not load a file that crashed the child")
    func crash() async throws {
        let release = try RandomEncoderRelease()
        let probe = ModelProbe(
            executable: "/bin/sh", arguments: ["-c", "kill -SEGV $$", "probe"])
        let error = await #expect(throws: ProbeError.self) {
            try await app([release], probe: probe)
        }
        #expect(error?.path == release.release.path(of: "encoder.gguf"))
    }
}
