import Testing

@testable import Releases

@Suite("Item vocabulary")
struct ItemVocabularyTests {
    private static let hash = "0123456789abcdef"

    @Test("a vocabulary survives its file form")
    func roundTrip() throws {
        let ids = ["50", "a b", "ü-7", "'; DROP TABLE"]
        let vocabulary = try ItemVocabulary(
            ids: ids, titleHashes: ids.map { ItemVocabulary.titleHash(of: $0) })
        let read = try ItemVocabulary(encoded: vocabulary.encoded())
        #expect(read == vocabulary)
        #expect(read.index(of: "ü-7") == 2)
        #expect(read.index(of: "51") == nil)
    }

    @Test("the file's form is index, id, and half a SHA-256")
    func fileForm() throws {
        let vocabulary = try ItemVocabulary(
            ids: ["7"], titleHashes: [ItemVocabulary.titleHash(of: "abc")])
        // SHA-256 of "abc", FIPS 180-4 example.
        #expect(String(decoding: vocabulary.encoded(), as: UTF8.self) == "0\t7\tba7816bf8f01cfea\n")
    }

    @Test(
        "ids that would break a line are refused",
        arguments: ["", "a\tb", "a\nb", "a\rb", "a\0b", "a\u{7F}"])
    func forbiddenIDs(id: String) {
        #expect(throws: ReleaseError.self) {
            try ItemVocabulary(ids: [id], titleHashes: [Self.hash])
        }
    }

    @Test("an id of another Unicode form than the catalog's is refused, when made and when read")
    func decomposedID() throws {
        #expect(throws: ReleaseError.self) {
            try ItemVocabulary(ids: ["cafe\u{301}"], titleHashes: [Self.hash])
        }
        let error = #expect(throws: ReleaseError.self) {
            try ItemVocabulary(encoded: Array("0\tcafe\u{301}\t\(Self.hash)\n".utf8))
        }
        #expect(error?.description.contains("normalisation form C") == true)
        #expect(try ItemVocabulary(ids: ["caf\u{E9}"], titleHashes: [Self.hash]).count == 1)
    }

    @Test("ids at the limit are kept, longer ones refused")
    func longIDs() throws {
        let longest = String(repeating: "x", count: ReleaseLimits.maximumItemIDBytes)
        #expect(try ItemVocabulary(ids: [longest], titleHashes: [Self.hash]).count == 1)
        #expect(throws: ReleaseError.self) {
            try ItemVocabulary(ids: [longest + "x"], titleHashes: [Self.hash])
        }
    }

    @Test("doubled ids, missing hashes and no items are refused, and errors hold no id")
    func inconsistent() {
        #expect(throws: ReleaseError.self) { try ItemVocabulary(ids: [], titleHashes: []) }
        #expect(throws: ReleaseError.self) { try ItemVocabulary(ids: ["a"], titleHashes: []) }
        let error = #expect(throws: ReleaseError.self) {
            try ItemVocabulary(ids: ["secret", "secret"], titleHashes: [Self.hash, Self.hash])
        }
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "lines that are not three fields in order are refused",
        arguments: [
            "", "0\ta\t\(hash)", "1\ta\t\(hash)\n", "0\ta\n", "0\ta\t\(hash)\tb\n",
            "0\ta\t\(hash)\n\n", "00\ta\t\(hash)\n", "0\ta\tABCDEF0123456789\n", "0\ta\t0123\n",
        ])
    func faultyLines(text: String) {
        #expect(throws: ReleaseError.self) { try ItemVocabulary(encoded: Array(text.utf8)) }
    }

    @Test("bytes that are not UTF-8 are refused")
    func notUTF8() {
        let bytes = Array("0\t".utf8) + [0xFF, 0xFE] + Array("\t\(Self.hash)\n".utf8)
        #expect(throws: ReleaseError.self) { try ItemVocabulary(encoded: bytes) }
    }
}
