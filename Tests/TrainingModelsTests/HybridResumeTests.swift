import Domain
import Foundation
import Releases
import TestSupport
import Testing

@testable import llara_train

@Suite("Stopping and resuming hybrid training")
struct HybridResumeTests {
    private let fixture: HybridFixture

    init() throws { fixture = try HybridFixture() }

    @Test("killed and resumed, stopped and resumed, or in one go: the same bytes")
    func resumes() throws {
        // Each validation is told, after the checkpoint of the step before was written; all of them
        // together are more than the pipe holds.
        let telling = [
            "--validate-every", "1", "--validation-rows", "1", "--examples", "120", "--batch", "1",
        ]
        let whole = try TrainProcess(fixture.options("whole", telling)).end()
        #expect(whole.code == 0, "\(whole.messages)")
        let killed = try TrainProcess(fixture.options("killed", telling))
        #expect(killed.hears("validation after step 4"))
        killed.send(SIGKILL)
        #expect(killed.end().code == SIGKILL)
        let stopped = try TrainProcess(fixture.options("stopped", telling))
        #expect(stopped.hears("validation after step 2"))
        stopped.send(SIGTERM)
        let end = stopped.end()
        #expect(end.code == 128 + SIGTERM)
        #expect(end.messages.contains("the same command with --resume"))
        for name in ["killed", "stopped"] {
            let resumed = try TrainProcess(fixture.options(name, telling + ["--resume"])).end()
            #expect(resumed.code == 0, "\(resumed.messages)")
            #expect(resumed.messages.contains("going on after step"))
            #expect(try fixture.trained(name) == fixture.trained("whole"), "\(name)")
        }
    }

    @Test("a disk that is full during a checkpoint leaves the one before, which goes on")
    func diskFull() throws {
        let quiet = ["--validation-rows", "0"]
        let begun = try TrainProcess(
            fixture.options("full", quiet + ["--part-minutes", "1e-12"])
        ).end()
        #expect(begun.code == 0, "\(begun.messages)")
        let checkpoint = try Checkpoint(directory: "\(fixture.folder.path)/full-checkpoints")
        let before = try Data(contentsOf: URL(fileURLWithPath: checkpoint.path))
        // Room for the weights, but not for Adam's moments beside them.
        let full = try TrainProcess(
            fixture.options("full", quiet + ["--resume"]),
            before: "trap '' XFSZ; ulimit -f \(before.count / 1_024 + 16);"
        ).end()
        #expect(full.code == 1)
        #expect(full.messages.contains("File too large"), "\(full.messages)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: checkpoint.path)) == before)
        let names = try FileManager.default.contentsOfDirectory(
            atPath: "\(fixture.folder.path)/full-checkpoints")
        #expect(names.sorted() == ["checkpoint.gguf", "split.tsv"])
        let resumed = try TrainProcess(fixture.options("full", quiet + ["--resume"])).end()
        #expect(resumed.code == 0, "\(resumed.messages)")
        let whole = try TrainProcess(fixture.options("whole", quiet)).end()
        #expect(whole.code == 0, "\(whole.messages)")
        #expect(try fixture.trained("full") == fixture.trained("whole"))
        let release = try Release(directory: "\(fixture.folder.path)/full")
        #expect(release.manifest.prompt?.userState == true)
        #expect(release.manifest.representation == .hybrid)
        #expect(release.manifest.defaultAdapter != nil)
        #expect(release.manifest.training.recipe["encoder_name"] == "random")
        #expect(release.manifest.training.metrics["train_examples"] == 12)
    }
}
