import Testing

@testable import RPC

@Suite("Metadata")
struct MetadataTests {
    private func malformation(text: String, _ key: String) -> String? {
        var metadata = Metadata()
        metadata.add(text: text, for: key)
        return metadata.malformation
    }

    @Test("keys of the allowed characters and lengths are taken")
    func goodKeys() {
        for key in ["a", "x-request_id.9", String(repeating: "k", count: 64)] {
            #expect(malformation(text: "v", key) == nil)
        }
    }

    @Test(
        "other keys are refused",
        arguments: ["", "Upper", "sp ace", "é", "a:b", String(repeating: "k", count: 65), "a-bin"])
    func badKeys(key: String) {
        #expect(malformation(text: "v", key) != nil)
    }

    @Test("text has no control characters, binary keys end in -bin")
    func values() {
        #expect(malformation(text: "grüße ✓", "k") == nil)
        #expect(malformation(text: "a\nb", "k") != nil)
        #expect(malformation(text: "a\u{7F}", "k") != nil)
        #expect(malformation(text: "a\0", "k") != nil)
        var metadata = Metadata()
        metadata.add(binary: [0, 10, 255], for: "k-bin")
        #expect(metadata.malformation == nil)
        metadata.add(binary: [1], for: "k")
        #expect(metadata.malformation != nil)
        #expect(Metadata.isText([0xFF]) == false)
    }

    @Test("the longest value is taken, a longer one refused")
    func valueLength() {
        #expect(malformation(text: String(repeating: "v", count: 65_535), "k") == nil)
        #expect(malformation(text: String(repeating: "v", count: 65_536), "k") != nil)
    }

    @Test("the first of several values is found, by kind")
    func lookup() {
        var metadata = Metadata()
        metadata.add(text: "1", for: "k")
        metadata.add(text: "2", for: "k")
        metadata.add(binary: [3], for: "k-bin")
        #expect(metadata.text("k") == "1")
        #expect(metadata.binary("k-bin") == [3])
        #expect(metadata.text("k-bin") == nil)
        #expect(metadata.binary("k") == nil)
    }

    @Test("number and size are judged at and beyond their limits")
    func limits() {
        var limits = RPCLimits.defaults
        limits.metadataEntries = 2
        limits.metadataBytes = 256
        var metadata = Metadata()
        metadata.add(text: String(repeating: "v", count: 254), for: "a")
        metadata.add(text: "", for: "b")
        #expect(metadata.violation(of: limits) == nil)
        var tooLong = metadata
        tooLong = Metadata()
        tooLong.add(text: String(repeating: "v", count: 256), for: "a")
        #expect(tooLong.violation(of: limits)?.code == .resourceExhausted)
        metadata.add(text: "", for: "c")
        #expect(metadata.violation(of: limits)?.message.contains("metadataEntries") == true)
    }
}
