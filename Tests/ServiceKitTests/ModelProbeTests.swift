import Foundation
import Testing

@testable import ServiceKit

@Suite("A probe of model files")
struct ModelProbeTests {
    private static let limits = ModelProbe.Limits(time: .seconds(60), memoryBytes: 1 << 30)
    private static let file = ProbedFile(path: "/models/adapter.gguf", sha256: "ab")

    /// A probe whose child is a shell script; the probe's own arguments are its parameters.
    private func probe(_ script: String, time: Duration = .seconds(60)) -> ModelProbe {
        ModelProbe(
            executable: "/bin/sh", arguments: ["-c", script, "probe"],
            limits: .init(time: time, memoryBytes: 1 << 30))
    }

    private func error(
        _ probe: ModelProbe, _ files: [ProbedFile] = [file]
    ) async -> ProbeError? {
        await #expect(throws: ProbeError.self) { try await probe.require(files) }
    }

    @Test("hands limits and files to its child and passes when that ends well")
    func passes() async throws {
        let expected = "--seconds 60 --memory-bytes \(1 << 30) /a /b"
        try await probe("[ \"$*\" = \"\(expected)\" ]").require([
            ProbedFile(path: "/a", sha256: "a"), ProbedFile(path: "/b", sha256: "b"),
        ])
    }

    @Test("names the file, the signal and what was said last when the child crashes")
    func crash() async {
        let error = await error(
            probe(
                "echo noise >&2; echo '\(ProbeTranscript.mark)/models/x.gguf' >&2; "
                    + "echo 'GGML_ASSERT(n > 0) failed' >&2; kill -SEGV $$"))
        #expect(error?.code == .crashed)
        #expect(error?.path == "/models/x.gguf")
        for part in ["/models/x.gguf", "signal 11", "GGML_ASSERT(n > 0) failed", "not loaded"] {
            #expect(error?.message.contains(part) == true, "\(part)")
        }
        #expect(error?.message.contains("noise") == false)
    }

    @Test("kills a child that hangs")
    func hang() async {
        let error = await error(probe("exec sleep 600", time: .milliseconds(50)))
        #expect(error?.code == .timedOut)
        #expect(error?.path == Self.file.path)
    }

    @Test("blames the last file, which is the one on trial, when the child said nothing")
    func silence() async {
        let files = [ProbedFile(path: "/models/llm.gguf", sha256: "cd"), Self.file]
        #expect(await error(probe("kill -SEGV $$"), files)?.path == Self.file.path)
    }

    @Test("is not stopped by a child that writes more than a pipe holds, and keeps the end")
    func chatter() async {
        let error = await error(
            probe("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo ' the end' >&2; exit 1"))
        #expect(error?.code == .refused)
        #expect(error?.message.contains("the end") == true)
        #expect((error?.message.count ?? .max) < 1_000)
    }

    @Test("leaves neither its pipe open nor its process behind")
    func descriptors() async throws {
        let error = await error(probe("readlink /proc/self/fd/2 >&2; exit 1"))
        let said = try #require(error?.message.firstMatch(of: /pipe:\[[0-9]+\]/)?.output)
        let folder = "/proc/self/fd"
        let open = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        #expect(!open.contains(String(said)))
    }

    @Test("says so when no child can be started")
    func notStarted() async {
        let probe = ModelProbe(executable: "/nonexistent", limits: Self.limits)
        #expect(await error(probe)?.code == .cannotStart)
    }

    @Test("remembers what passed, by hash, and never what failed")
    func memory() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func runs() -> Int {
            (try? String(contentsOf: folder.appending(path: "runs"), encoding: .utf8).count) ?? 0
        }
        let probe = probe(
            "printf x >> \(folder.path)/runs; [ \"${5#*good}\" != \"$5\" ]")
        try await probe.require([ProbedFile(path: "/good", sha256: "1")])
        try await probe.require([ProbedFile(path: "/good-copy", sha256: "1")])
        #expect(runs() == 1)
        try await probe.require([ProbedFile(path: "/good", sha256: "2")])
        #expect(runs() == 2)
        for _ in 0..<2 {
            await #expect(throws: ProbeError.self) {
                try await probe.require([ProbedFile(path: "/faulty", sha256: "3")])
            }
        }
        #expect(runs() == 4)
    }

    @Test("gives a child more time and memory for larger files")
    func limitsOfFiles() {
        let small = ModelProbe.Limits.forFiles(ofBytes: 0)
        #expect(small == .init(time: .seconds(30), memoryBytes: 8 << 30))
        let large = ModelProbe.Limits.forFiles(ofBytes: 64 << 30)
        #expect(large == .init(time: .seconds(30 + 1_024), memoryBytes: 264 << 30))
    }

    @Test("passes a crash's reason on without its stack trace")
    func stackTrace() {
        let transcript = ProbeTranscript(
            "\(ProbeTranscript.mark)/a\nFatal error: x\nCurrent stack trace:\n0 frame\n")
        #expect(transcript.reason == "Fatal error: x")
        #expect(transcript.lastFile == "/a")
    }

    @Test("passes nothing on that could steer a terminal")
    func controlCharacters() {
        let transcript = ProbeTranscript("\u{1B}[2Jgone\u{7}")
        #expect(transcript.reason == " [2Jgone ")
        #expect(transcript.lastFile == nil)
    }
}
