import Domain
import Foundation
import Releases
import Testing

@Suite("Writing releases")
struct ReleaseWriterTests {
    @Test("nothing shows before the end, and nothing is left beside it after")
    func atomic() throws {
        let fixture = try ReleaseFixture()
        let writer = try ReleaseWriter(destination: "\(fixture.path)/new/")
        #expect(try fixture.names().filter { !$0.hasPrefix(".") }.isEmpty)
        writer.abandon()
        #expect(try fixture.names().isEmpty)
        try fixture.write("new")
        #expect(try fixture.names() == ["new"])
    }

    @Test("an existing destination is left alone")
    func existing() throws {
        let fixture = try ReleaseFixture()
        try fixture.write("taken")
        let error = #expect(throws: ReleaseError.self) {
            try ReleaseWriter(destination: "\(fixture.path)/taken")
        }
        #expect(error?.code == .exists)
        #expect(try fixture.names() == ["taken"])
    }

    @Test("a release that a reader would refuse never appears")
    func incomplete() throws {
        let fixture = try ReleaseFixture()
        #expect(throws: ReleaseError.self) { try fixture.write("short", items: 1) }
        var escaping = ReleaseFixture.manifest()
        escaping.encoder.file = "../encoder.gguf"
        #expect(throws: ReleaseError.self) { try fixture.write("escaping", manifest: escaping) }
        var notFinite = ReleaseFixture.manifest()
        notFinite.training.metrics["loss"] = .nan
        #expect(throws: ReleaseError.self) { try fixture.write("nan", manifest: notFinite) }
        #expect(try fixture.names().filter { !$0.hasPrefix(".") }.isEmpty)
    }

    @Test("a behavioural representation needs a projector")
    func representationNeedsProjector() throws {
        let fixture = try ReleaseFixture()
        var manifest = ReleaseFixture.manifest()
        manifest.projector = nil
        let error = #expect(throws: ReleaseError.self) {
            try fixture.write("without", manifest: manifest)
        }
        #expect(error?.code == .inconsistent)
        manifest.representation = .text
        #expect(try fixture.write("text", manifest: manifest).manifest.projector == nil)
    }

    @Test("a parent folder that is not there is an error")
    func noParent() throws {
        let error = #expect(throws: ReleaseError.self) {
            try ReleaseWriter(destination: "/nonexistent-parent/release")
        }
        #expect(error?.code == .unwritable)
    }

    @Test("the SHA-256 of a file is that of its bytes")
    func digest() throws {
        let fixture = try ReleaseFixture()
        try fixture.set("abc", to: "abc")
        // FIPS 180-4 example.
        #expect(
            try sha256(ofFile: "\(fixture.path)/abc").hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
