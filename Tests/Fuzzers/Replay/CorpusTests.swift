import FuzzSubjects
import GGML
import Testing
import Wire

@Suite("The fuzzers' corpus")
struct CorpusTests {
    @Test("every input keeps its subject's promises", arguments: FuzzSubject.all.map(\.name))
    func replay(_ name: String) throws {
        let subject = try #require(FuzzSubject.all.first { $0.name == name })
        let inputs = try subject.inputs()
        #expect(inputs.count >= 4, "the corpus of \(name) is almost empty")
        for input in inputs {
            #expect(throws: Never.self, "Corpus/\(name)/\(input.name)") {
                try subject.run(input.bytes)
            }
        }
    }

    @Test("every kind of message has an input that is read; `fuzz seeds` writes it")
    func messageSeeds() throws {
        let subject = try #require(FuzzSubject.all.first { $0.name == "messages" })
        var kinds: Set<Int> = []
        for input in try subject.inputs() {
            guard let kind = input.bytes.first.map(Int.init), messageKinds.indices.contains(kind)
            else { continue }
            if reads(messageKinds[kind], Array(input.bytes.dropFirst(2))) { kinds.insert(kind) }
        }
        #expect(kinds == Set(messageKinds.indices))
    }

    @Test(
        "every kind of network has an input that is loaded",
        arguments: SequentialConfiguration.Architecture.allCases)
    func networkSeeds(_ architecture: SequentialConfiguration.Architecture) throws {
        let models = try #require(FuzzSubject.all.first { $0.name == "models" })
        let path = models.path(of: "seed-\(architecture.rawValue).gguf")
        #expect(try SequentialEncoder(path: path).configuration.architecture == architecture)
    }

    private func reads<Message: WireMessage>(_ kind: Message.Type, _ body: [UInt8]) -> Bool {
        (try? Message(body: body, attachments: attachments(for: kind))) != nil
    }
}
