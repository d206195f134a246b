import Domain
import Releases
import TestSupport
import Testing
import Torch
import TrainingCore
import TrainingModels

@testable import llara_train

@Suite("A run that starts from a release", .serialized)
struct InitialReleaseTests {
    private let fixture: HybridFixture

    init() throws { fixture = try HybridFixture() }

    /// Trains to the end.
    private func train(_ name: String, _ more: [String] = []) throws {
        try TorchSerial.run { try fixture.session(name, more).run() }
    }

    private var first: [String] { ["--initial", "\(fixture.folder.path)/first"] }

    @Test("has its adapter and projector before the first step, and says so in its record")
    func weights() throws {
        try train("first")
        try TorchSerial.run {
            let session = try fixture.session("second", first)
            let folder = "\(fixture.folder.path)/first"
            let adapter = try LoRAAdapter.read(
                from: "\(folder)/adapter.gguf", shape: session.training.network.shape,
                library: session.library)
            let projector = try ProjectorNetwork.read(
                from: "\(folder)/projector.gguf", roles: [.item, .user], library: session.library)
            #expect(session.training.adapter.options == LoRAAdapter.Options())
            let pairs = [
                (adapter.parameters, session.training.adapter.parameters),
                (projector.parameters, try #require(session.training.projector).parameters),
            ]
            for (stored, own) in pairs {
                #expect(stored.all.map(\.name) == own.all.map(\.name))
                for (a, b) in zip(stored.all, own.all) {
                    #expect(try a.tensor.floats() == b.tensor.floats())
                }
            }
            try session.run()
        }
        let second = try Release(directory: "\(fixture.folder.path)/second")
        let record = second.manifest.training.recipe
        #expect(record["initial_release"] == "first" && record["initial_examples"] == "12")
        #expect(record["initial_encoder_name"] == nil && record["encoder_name"] == "random")
        #expect(try fixture.trained("first") != fixture.trained("second"))
    }

    @Test("takes the adapter of a text release and makes a projector of its own")
    func textFirst() throws {
        try train("first", ["--schedule", "text"])
        try train("second", first)
        let second = try Release(directory: "\(fixture.folder.path)/second")
        #expect(second.manifest.projector != nil && second.manifest.usesUserState)
    }

    @Test("is refused a release of other parts, by name and with what to do")
    func refusals() throws {
        try train("first")
        let manifest = try Release(directory: "\(fixture.folder.path)/first").manifest
        func fault(
            _ recipe: HybridRecipe = .standard, _ change: (inout ReleaseManifest) -> Void = { _ in }
        ) -> String? {
            var changed = manifest
            change(&changed)
            return InitialRelease.fault(
                of: changed, encoder: manifest.encoder.sha256,
                split: manifest.training.splitSHA256, llm: manifest.llm.sha256, recipe: recipe)
        }
        #expect(fault() == nil)
        #expect(fault { $0.adapters = [] }?.contains("no adapter") == true)
        #expect(fault { $0.encoder.sha256 = [1] }?.contains("another encoder") == true)
        #expect(fault { $0.training.splitSHA256 = [1] }?.contains("other rows") == true)
        #expect(fault { $0.llm.sha256 = [1] }?.contains("another LLM") == true)
        var stateless = HybridRecipe.standard
        stateless.hasUserState = false
        #expect(fault(stateless)?.contains("next: --user-state") == true)
        #expect(fault { $0.prompt = nil }?.contains("next: --no-user-state") == true)
        var text = HybridRecipe.standard
        text.schedule = .text
        #expect(fault(text) { $0.prompt = nil } == nil)
        let error = #expect(throws: TrainingFailure.self) {
            try TorchSerial.run {
                try fixture.session("second", ["--initial", fixture.release])
            }
        }
        #expect(error?.description.contains("has no adapter") == true)
    }
}
