import Testing

@testable import Domain

@Suite("A float tensor")
struct FloatTensorTests {
    let tensor = FloatTensor([[1, 2, 3], [4, 5, .nan]], columns: 3)

    @Test("gives its rows")
    func rows() {
        #expect(Array(tensor.row(0)) == [1, 2, 3])
        #expect(FloatTensor([], columns: 3).rows == 0)
    }

    @Test("says where its first value that is not finite stands")
    func nonFinite() {
        #expect(tensor.firstNonFinite?.row == 1)
        #expect(tensor.firstNonFinite?.column == 2)
        #expect(FloatTensor.empty.firstNonFinite == nil)
    }
}

@Suite("A release reference")
struct ReleaseReferenceTests {
    let loaded = ReleaseReference(
        name: "movies", manifestSHA256: [0xAB] + [UInt8](repeating: 1, count: 31))

    @Test("carries sixteen digits of the manifest's identity")
    func text() {
        #expect(loaded.description == "movies@ab01010101010101")
        #expect(ReleaseReference(parsing: loaded.description) == loaded)
    }

    @Test("without a name or an identity matches any")
    func any() {
        #expect(ReleaseReference(parsing: "").matches(loaded))
        #expect(ReleaseReference(parsing: "movies").matches(loaded))
    }

    @Test("of another name or another folder of the name does not match")
    func mismatch() {
        #expect(!ReleaseReference(parsing: "games").matches(loaded))
        #expect(!ReleaseReference(parsing: "movies@ffffffffffffffff").matches(loaded))
    }
}

@Suite("Seeded draws and stable hashes")
struct SeededGeneratorTests {
    @Test("follow the published SplitMix64 sequence of seed 1234567")
    func reference() {
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
    }

    @Test("are FNV-1a of the bytes and a separator")
    func hash() {
        var hash = StableHash()
        hash.combine("a")
        #expect(hash.value == 0x089B_C907_B544_C769)
    }

    @Test("tell neighbouring texts apart")
    func separator() {
        var first = StableHash()
        first.combine("ab")
        first.combine("c")
        var second = StableHash()
        second.combine("a")
        second.combine("bc")
        #expect(first.value != second.value)
    }
}
