import Domain
import Foundation
import GGML
import Releases
import Testing

@testable import llara

@Suite("Release folders by the command line")
struct ReleaseFolderTests {
    private static let model = "\(ServiceFleet.root)/.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"
    private static let encoder = "\(ServiceFleet.release)/encoder.gguf"
    private static let vocabulary = "\(ServiceFleet.release)/vocabulary.tsv"
    private static let width = 576

    /// A projector from the shipped encoder's 64 floats.
    private func projector(
        in folder: URL, roles: [String] = ["item", "user"], output: Int = width,
        value: Float = 0.01
    ) throws -> String {
        var file = GGUFWriter(architecture: MLPProjector.architecture)
        file.set("projector.roles", .strings(roles))
        file.set("projector.input_length", .uint32(64))
        file.set("projector.hidden_length", .uint32(4))
        file.set("projector.output_length", .uint32(UInt32(output)))
        for role in roles {
            for (name, dimensions) in [
                ("up.weight", [64, 4]), ("up.bias", [4]), ("down.weight", [4, output]),
                ("down.bias", [output]),
            ] {
                try file.add(
                    tensor: "\(role).\(name)", dimensions: dimensions,
                    values: [Float](repeating: value, count: dimensions.reduce(1, *)))
            }
        }
        let path = folder.appending(path: "projector-\(output).gguf").path
        try file.write(to: path)
        return path
    }

    private func adapter(in folder: URL, width: Int = width) throws -> String {
        var file = GGUFWriter(architecture: "llama")
        file.set("general.type", .string("adapter"))
        file.set("adapter.type", .string("lora"))
        file.set("adapter.lora.alpha", .float32(1))
        for (name, dimensions) in [("lora_a", [width, 1]), ("lora_b", [1, width])] {
            try file.add(
                tensor: "blk.0.attn_q.weight.\(name)", dimensions: dimensions,
                values: [Float](repeating: 0, count: width))
        }
        let path = folder.appending(path: "adapter-\(width).gguf").path
        try file.write(to: path)
        return path
    }

    private func parts(_ folder: URL) throws -> [String] {
        [
            "release", "build", "--encoder", Self.encoder, "--vocabulary", Self.vocabulary,
            "--projector", try projector(in: folder), "--adapter", try adapter(in: folder),
            "--llm", Self.model, "--output", folder.appending(path: "full").path, "--json",
        ]
    }

    @Test("parts become a release whose every check passes, the LLM's file included")
    func build() async throws {
        try await withTemporaryFolder { folder in
            let built = try await llara(try parts(folder))
            #expect(built.status == 0, "\(built.errors)")
            #expect(built.errors.contains("llara release verify"))
            let path = folder.appending(path: "full").path
            let manifest = try Release(directory: path).manifest
            #expect(manifest.name == "full")
            #expect(manifest.representation == .hybrid)
            #expect(manifest.usesUserState)
            #expect(manifest.defaultAdapter?.file == "adapter.gguf")
            #expect(manifest.llm.embeddingDimension == Self.width)
            let verified = try await llara(["release", "verify", path, "--llm", Self.model])
            #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
            let lines = verified.output.split(separator: "\n").map(String.init)
            let names = ["files", "vocabulary", "encoder", "projector", "LLM", "adapter default"]
            for (line, name) in zip(lines.dropFirst(), names) {
                #expect(line.hasPrefix(name) && line.contains("passed"), "\(line)")
            }
            #expect(lines.count == 1 + names.count)

            let second = folder.appending(path: "second").path
            let rebuilt = try await llara([
                "release", "build", "--from", path, "--llm-weight", "0.4", "--output", second,
            ])
            #expect(rebuilt.status == 0, "\(rebuilt.errors)")
            var expected = manifest
            let changed = try Release(directory: second).manifest
            expected.name = "second"
            expected.fusion.llm = 0.4
            expected.training = changed.training
            #expect(changed == expected)
            #expect(changed.training.recipe["built_from"]?.hasPrefix("full@") == true)
        }
    }

    @Test("parts that do not belong together leave no folder, and say what to do")
    func faultyParts() async throws {
        try await withTemporaryFolder { folder in
            let output = folder.appending(path: "out").path
            let whole = [
                "release", "build", "--encoder", Self.encoder, "--vocabulary", Self.vocabulary,
                "--llm", Self.model, "--output", output,
            ]
            for (arguments, status, word) in [
                (whole + ["--projector", try projector(in: folder, output: 577)], 65, "577"),
                (whole + ["--adapter", try adapter(in: folder, width: 64)], 65, "adapter"),
                (whole + ["--projector", Self.encoder], 65, "architecture"),
                (whole + ["--projector", "/nonexistent"], 66, "/nonexistent"),
                (whole + ["--name", "a@b"], 65, "name"),
                (["release", "build", "--llm", Self.model, "--output", output], 65, "--encoder"),
            ] {
                let run = try await llara(arguments)
                #expect(run.status == status, "\(run.errors)")
                #expect(run.errors.contains(word), "\(run.errors)")
                #expect(run.errors.contains("\nNext: "))
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.allSatisfy { $0.hasSuffix(".gguf") }, "\(left)")
        }
    }

    @Test("every fault of a folder is a line of the table, and status 65")
    func verify() async throws {
        let shipped = try await llara(["release", "verify", ServiceFleet.release, "--json"])
        #expect(shipped.status == 0)
        #expect(try shipped.json()["passed"] as? Bool == true)
        try await withTemporaryFolder { folder in
            _ = try await llara(try parts(folder))
            let path = folder.appending(path: "full").path
            let other = try projector(in: folder, output: 3)
            let run = try await llara(["release", "verify", path, "--llm", other])
            #expect(run.status == 65)
            #expect(run.output.contains("\nLLM") && run.output.contains("FAULT"), "\(run.output)")
            #expect(run.output.contains("not checked"))
            let file = try #require(FileHandle(forWritingAtPath: "\(path)/adapter.gguf"))
            try file.seekToEnd()
            try file.write(contentsOf: Data([0]))
            let changed = try await llara(["release", "verify", path, "--json"])
            #expect(changed.status == 65)
            #expect(changed.errors.contains("SHA-256 of adapter.gguf"))
            let checks = try #require(try changed.json()["checks"] as? [[String: String]])
            #expect(checks.map { $0["result"] }.prefix(2) == ["fault", "not checked"])
            let published = try await llara([
                "release", "publish", path, "--database", "postgresql:///nowhere",
            ])
            #expect(published.status == 65)
            #expect(published.errors.contains("SHA-256"))
        }
    }

    @Test("an encoder that is not what the manifest says is found although every hash is right")
    func engineFault() async throws {
        try await withTemporaryFolder { folder in
            let shipped = try Release(directory: ServiceFleet.release)
            let path = folder.appending(path: "wrong").path
            let writer = try ReleaseWriter(destination: path)
            for file in ["encoder.gguf", "vocabulary.tsv"] {
                try FileManager.default.copyItem(
                    atPath: shipped.path(of: file), toPath: writer.path(of: file))
            }
            var manifest = shipped.manifest
            manifest.encoder.window += 1
            manifest.encoder.itemCount -= 1
            manifest.vocabulary.itemCount -= 1
            try shorten(vocabulary: writer.path(of: "vocabulary.tsv"))
            manifest.projector = nil
            manifest.adapters = []
            manifest.prompt = nil
            manifest.representation = .text
            _ = try writer.finish(manifest)
            let run = try await llara(["release", "verify", path])
            #expect(run.status == 65)
            #expect(run.errors.contains("vocabulary: the vocabulary has"), "\(run.errors)")
            let lines = run.output.split(separator: "\n")
            #expect(
                lines.filter { $0.contains("FAULT") }.map { $0.prefix(7) } == [
                    "vocabul", "encoder",
                ])
        }
    }

    private func shorten(vocabulary path: String) throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let kept = lines.dropLast().map { "\($0)\n" }.joined()
        try kept.write(toFile: path, atomically: true, encoding: .utf8)
    }

    @Test("a projector whose answer is no number is found although every hash is right")
    func projectorFault() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "wrong").path
            let built = try await llara([
                "release", "build", "--encoder", Self.encoder, "--vocabulary", Self.vocabulary,
                "--projector", try projector(in: folder, value: 1e30), "--llm", Self.model,
                "--output", path,
            ])
            #expect(built.status == 0, "\(built.errors)")
            let run = try await llara(["release", "verify", path])
            #expect(run.status == 65)
            #expect(run.errors.contains("projector: "), "\(run.errors)")
        }
    }

    @Test("what is not named is the base's: representation and user state, unless vectors go")
    func inheritance() async throws {
        try await withTemporaryFolder { folder in
            _ = try await llara(try parts(folder))
            func build(_ name: String, _ arguments: [String]) async throws -> ReleaseManifest {
                let path = folder.appending(path: name).path
                let built = try await llara(["release", "build", "--output", path] + arguments)
                #expect(built.status == 0, "\(built.errors)")
                return try Release(directory: path).manifest
            }
            let full = folder.appending(path: "full").path
            let text = try await build("text", ["--from", full, "--representation", "text"])
            #expect(text.representation == .text && !text.usesUserState)
            let again = try await build("again", ["--from", folder.appending(path: "text").path])
            #expect(again.representation == .text && !again.usesUserState)
            let item = folder.appending(path: "item")
            try FileManager.default.createDirectory(at: item, withIntermediateDirectories: true)
            let plain = try await build(
                "plain", ["--from", full, "--projector", try projector(in: item, roles: ["item"])])
            #expect(plain.representation == .hybrid && !plain.usesUserState)
            let fresh = try await build(
                "fresh",
                ["--from", folder.appending(path: "text").path]
                    + ["--projector", try projector(in: folder)])
            #expect(fresh.representation == .hybrid && fresh.usesUserState)
        }
    }

    @Test("a part is copied as bytes, be it named by a link; what is no file leaves nothing")
    func links() async throws {
        try await withTemporaryFolder { folder in
            let files = FileManager.default
            let link = folder.appending(path: "link.gguf").path
            try files.createSymbolicLink(atPath: link, withDestinationPath: Self.encoder)
            let output = folder.appending(path: "out").path
            let rest = ["--vocabulary", Self.vocabulary, "--llm", Self.model, "--output", output]
            let folderRun = try await llara(
                ["release", "build", "--encoder", ServiceFleet.release] + rest)
            #expect(folderRun.status == 65)
            #expect(folderRun.errors.contains("no regular file"))
            #expect(try files.contentsOfDirectory(atPath: folder.path) == ["link.gguf"])
            let built = try await llara(["release", "build", "--encoder", link] + rest)
            #expect(built.status == 0, "\(built.errors)")
            let type = try files.attributesOfItem(atPath: "\(output)/encoder.gguf")[.type]
            #expect(type as? FileAttributeType == .typeRegular)
            let unchecked = try await llara([
                "release", "build", "--from", output, "--adapter", try adapter(in: folder),
                "--output", folder.appending(path: "adapted").path,
            ])
            #expect(unchecked.status == 65)
            #expect(unchecked.errors.contains("--llm"))
        }
    }

    @Test("a published release is listed as not loaded, and activated only on demand")
    func publish() async throws {
        try await withTemporaryFolder { folder in
            _ = try await llara(try parts(folder))
            let path = folder.appending(path: "full").path
            try await ServiceFleet.run { fleet in
                let publish = ["release", "publish", path, "--schema", fleet.schema]
                let published = try await fleet.llara(publish)
                #expect(published.status == 0, "\(published.errors)")
                #expect(published.output.contains("--release OLD,\(path)"))
                #expect(try await fleet.llara(publish + ["--json"]).status == 0)
                let list = try await fleet.llara(["release", "list"])
                #expect(list.output.contains("full            published, not loaded"))
                #expect(list.output.contains("movielens-100k  active "), "\(list.output)")
                let refused = try await fleet.llara(["release", "activate", "full"])
                #expect(refused.status == 65)
                #expect(refused.errors.contains("--release OLD,NEW"))
                let forced = try await fleet.llara(["release", "activate", "full", "--not-loaded"])
                #expect(forced.status == 0, "\(forced.errors)")
                let after = try await fleet.llara(["release", "list"])
                #expect(after.output.contains("active, not loaded"))
                let other = folder.appending(path: "other").path
                _ = try await llara([
                    "release", "build", "--from", path, "--name", "full", "--srs-weight", "2",
                    "--output", other,
                ])
                let clash = try await fleet.llara([
                    "release", "publish", other, "--schema", fleet.schema,
                ])
                #expect(clash.status == 65)
                #expect(clash.errors.contains("another manifest"))
            }
        }
    }
}
