import Domain
import Foundation
import Testing

@testable import Releases

@Suite("Release folders")
struct ReleaseTests {
    @Test("what is written is what is read")
    func roundTrip() throws {
        let fixture = try ReleaseFixture()
        let written = try fixture.write()
        let read = try Release(directory: "\(fixture.path)/small")
        #expect(read.manifest == written.manifest)
        #expect(read.manifestSHA256 == written.manifestSHA256)
        #expect(read.manifestSHA256 == (try sha256(ofFile: "\(fixture.path)/small/manifest.json")))
        #expect(read.vocabulary.ids == ["item-0", "item-1"])
        #expect(read.manifest.training.seed == .max)
        #expect(ReleaseReference(parsing: "small").matches(read.reference))
        #expect(
            try fixture.names("small") == [
                "adapter.gguf", "encoder.gguf", "manifest.json", "projector.gguf",
                "vocabulary.tsv",
            ])
    }

    @Test("the manifest has sorted snake-case keys and hexadecimal hashes")
    func manifestForm() throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let text = try fixture.text("small/manifest.json")
        for part in [
            "\"split_sha256\" : \"0102\"", "\"embedding_dimension\" : 16", "\"item_count\" : 2",
            "\"hitRatio@1\" : 0.5", "\"sha256\" : \"070707",
        ] {
            #expect(text.contains(part))
        }
        #expect(text.hasPrefix("{\n  \"adapters\""))
        #expect(text.hasSuffix("}\n"))
    }

    @Test("two releases of the same parts are the same bytes")
    func reproducible() throws {
        let fixture = try ReleaseFixture()
        let first = try fixture.write("one")
        let second = try fixture.write("two")
        #expect(first.manifestSHA256 == second.manifestSHA256)
    }

    @Test(
        "a byte changed in any file is found",
        arguments: ["encoder.gguf", "projector.gguf", "adapter.gguf", "vocabulary.tsv"])
    func changedFile(file: String) throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        try fixture.set(try fixture.text("small/\(file)") + "x", to: "small/\(file)")
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == .hashMismatch)
        #expect(error?.message.contains(file) == true)
    }

    @Test("what the prompts hold is an optional key; absent means no user state")
    func prompt() throws {
        let fixture = try ReleaseFixture()
        let plain = try fixture.write("plain").manifest
        #expect(!plain.usesUserState)
        #expect(plain.vectorRoles == [.item])
        #expect(try !fixture.text("plain/manifest.json").contains("prompt"))
        var manifest = ReleaseFixture.manifest()
        manifest.prompt = .init(userState: true)
        try fixture.write("state", manifest: manifest)
        let text = try fixture.text("state/manifest.json")
        #expect(text.contains("\"user_state\" : true"))
        let read = try Release(directory: "\(fixture.path)/state").manifest
        #expect(read.usesUserState)
        #expect(read.vectorRoles == [.item, .user])
        try fixture.set(
            text.replacing("\"user_state\" : true", with: ""), to: "state/manifest.json")
        #expect(try !Release(directory: "\(fixture.path)/state").manifest.usesUserState)
    }

    @Test("a user state without projector or vectors is refused")
    func promptWithoutVectors() throws {
        let fixture = try ReleaseFixture()
        let text: @Sendable (inout ReleaseManifest) -> Void = { $0.representation = .text }
        let bare: @Sendable (inout ReleaseManifest) -> Void = {
            $0.projector = nil
            $0.representation = .index
        }
        for (number, change) in [text, bare].enumerated() {
            var manifest = ReleaseFixture.manifest()
            manifest.prompt = .init(userState: true)
            change(&manifest)
            let error = #expect(throws: ReleaseError.self) {
                try fixture.write("\(number)", manifest: manifest)
            }
            #expect(error?.code == .inconsistent)
            #expect(error?.message.contains("user_state") == true)
        }
    }

    @Test("the adapter named default is the one that ranks")
    func defaultAdapter() {
        var manifest = ReleaseFixture.manifest()
        #expect(manifest.defaultAdapter?.file == "adapter.gguf")
        manifest.adapters[0].name = "other"
        #expect(manifest.defaultAdapter == nil)
    }

    @Test("a file that is gone is named", arguments: ["manifest.json", "encoder.gguf"])
    func missingFile(file: String) throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        try FileManager.default.removeItem(atPath: "\(fixture.path)/small/\(file)")
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == .unreadable)
        #expect(error?.message.contains(file) == true)
    }

    /// What to replace in a right manifest, with what, and the code that must come of it.
    static let faults: [(String, String, ReleaseError.Code)] = [
        ("\"format\" : 1", "\"format\" : 2", .unsupportedFormat),
        ("\"format\" : 1", "\"format\" : \"1\"", .malformed),
        ("\"encoder.gguf\"", "\"../encoder.gguf\"", .unsafeName),
        ("\"encoder.gguf\"", "\"/etc/passwd\"", .unsafeName),
        ("\"encoder.gguf\"", "\".encoder.gguf\"", .unsafeName),
        ("\"encoder.gguf\"", "\"\"", .unsafeName),
        ("\"encoder.gguf\"", "\"projector.gguf\"", .malformed),
        ("\"encoder.gguf\"", "\"manifest.json\"", .malformed),
        ("\"name\" : \"small\"", "\"name\" : \"a@b\"", .unsafeName),
        ("\"domain\" : \"movie\"", "\"domain\" : \"book\"", .malformed),
        ("\"representation\" : \"hybrid\"", "\"representation\" : \"song\"", .malformed),
        ("\"dimension\" : 8", "\"dimension\" : 0", .malformed),
        ("\"dimension\" : 8", "\"dimension\" : 9", .inconsistent),
        ("\"dimension\" : 8", "\"dimension\" : 65537", .malformed),
        ("\"output\" : 16", "\"output\" : 17", .inconsistent),
        ("\"item_count\" : 2", "\"item_count\" : 3", .inconsistent),
        ("\"sha256\" : \"0707", "\"sha256\" : \"07", .malformed),
        ("\"sha256\" : \"0707", "\"sha256\" : \"zz07", .malformed),
        ("\"fusion\"", "\"fusions\"", .malformed),
        ("{", "[", .malformed),
    ]

    @Test("faulty manifests are refused for their reason", arguments: 0..<faults.count)
    func faultyManifest(fault: Int) throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let (from, to, code) = Self.faults[fault]
        let text = try fixture.text("small/manifest.json")
        #expect(text.contains(from))
        try fixture.set(
            text.replacing(from, with: to, maxReplacements: 1), to: "small/manifest.json")
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == code)
        #expect(error?.advice.isEmpty == false)
    }

    @Test("a manifest at the size limit is read, one byte more is refused unread")
    func manifestSize() throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let text = try fixture.text("small/manifest.json")
        let padding = String(
            repeating: " ", count: ReleaseLimits.maximumManifestBytes - text.utf8.count)
        try fixture.set(text + padding, to: "small/manifest.json")
        #expect(try Release(directory: "\(fixture.path)/small").manifest.name == "small")
        try fixture.set(text + padding + " ", to: "small/manifest.json")
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("a vocabulary beyond its size limit is refused unread")
    func vocabularySize() throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let path = "\(fixture.path)/small/vocabulary.tsv"
        let file = try #require(FileHandle(forWritingAtPath: path))
        // A sparse file: large for stat, nothing on the disk.
        try file.truncate(atOffset: UInt64(ReleaseLimits.maximumVocabularyBytes) + 1)
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("a model file at its size limit is opened, one byte more is refused unread")
    func modelSize() throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let path = "\(fixture.path)/small/encoder.gguf"
        let file = try #require(FileHandle(forWritingAtPath: path))
        let limit = ReleaseLimits.maximumModelBytes
        try file.truncate(atOffset: UInt64(limit))
        _ = try ReleaseFile(path: path, maximumBytes: limit)
        try file.truncate(atOffset: UInt64(limit) + 1)
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("encoder.gguf") == true)
    }

    @Test("as many adapters as allowed pass, one more is refused")
    func adapterLimit() throws {
        func manifest(_ count: Int) -> ReleaseManifest {
            var manifest = ReleaseFixture.manifest()
            let hash = [UInt8](repeating: 1, count: 32)
            manifest.encoder.sha256 = hash
            manifest.projector?.sha256 = hash
            manifest.vocabulary.sha256 = hash
            manifest.adapters = (0..<count).map {
                .init(name: "\($0)", file: "\($0).gguf", sha256: hash)
            }
            return manifest
        }
        try manifest(ReleaseLimits.maximumAdapters).validate()
        let error = #expect(throws: ReleaseError.self) {
            try manifest(ReleaseLimits.maximumAdapters + 1).validate()
        }
        #expect(error?.code == .tooLarge)
    }

    @Test("names at their limit are safe, longer ones are not")
    func nameLimit() {
        let longest = String(repeating: "n", count: ReleaseLimits.maximumNameBytes)
        #expect(ReleaseLimits.isSafeName(longest))
        #expect(!ReleaseLimits.isSafeName(longest + "n"))
    }

    @Test("a folder in place of a file is refused")
    func folderAsFile() throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let path = "\(fixture.path)/small/encoder.gguf"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false)
        #expect(throws: ReleaseError.self) { try Release(directory: "\(fixture.path)/small") }
    }

    @Test("releases side by side are opened in the order given")
    func open() throws {
        let fixture = try ReleaseFixture()
        for name in ["b", "a"] {
            try fixture.write(name, manifest: ReleaseFixture.manifest(name: name))
        }
        let opened = try Release.open(directories: ["\(fixture.path)/b", "\(fixture.path)/a"])
        #expect(opened.map(\.manifest.name) == ["b", "a"])
        #expect(throws: ReleaseError.self) {
            try Release.open(directories: ["\(fixture.path)/b", "\(fixture.path)/absent"])
        }
    }

    @Test("two folders of one release, or two releases of one name, are refused and named")
    func clash() throws {
        let fixture = try ReleaseFixture()
        try fixture.write("one")
        try fixture.write("copy")
        var other = ReleaseFixture.manifest()
        other.fusion.srs = 2
        try fixture.write("other", manifest: other)
        for (folder, reason) in [("copy", "the same release"), ("other", "of one name")] {
            let directories = ["\(fixture.path)/one", "\(fixture.path)/\(folder)"]
            let error = #expect(throws: ReleaseError.self) {
                try Release.open(directories: directories)
            }
            #expect(error?.code == .clash)
            #expect(error?.message.contains(reason) == true)
            #expect(directories.allSatisfy { error?.message.contains($0) == true })
        }
    }

    @Test("as many releases as allowed are opened, one more is refused")
    func openLimit() throws {
        let fixture = try ReleaseFixture()
        let directories = try (0...ReleaseLimits.maximumReleases).map { index in
            try fixture.write("\(index)", manifest: ReleaseFixture.manifest(name: "\(index)"))
                .directory
        }
        let most = Array(directories.dropLast())
        #expect(try Release.open(directories: most).count == ReleaseLimits.maximumReleases)
        let error = #expect(throws: ReleaseError.self) {
            try Release.open(directories: directories)
        }
        #expect(error?.code == .tooLarge)
    }
}
