import Domain
import GGML
import Testing

@Suite("Exact retrieval")
struct TopSelectionTests {
    @Test("the best items of a table equal a full sort, with exclusions", arguments: [1, 7, 1_000])
    func equalsFullSort(count: Int) throws {
        let (encoder, state) = try load(items: 1_000, dimension: 24)
        let excluded = Set(stride(from: 0, to: 1_000, by: 3))
        let scores = try encoder.scores(state: state[...], items: Array(0..<1_000))
        let expected = (0..<1_000).filter { !excluded.contains($0) }
            .sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
            .prefix(count)
        let best = try encoder.topK(state: state[...], count: count, excluding: excluded)
        #expect(best.map(\.index) == Array(expected))
        #expect(best.map(\.score) == expected.map { scores[$0] })
    }

    @Test("equal scores go by index, or by the order given")
    func ties() throws {
        let (encoder, _) = try load(items: 600, dimension: 16)
        let zero = [Float](repeating: 0, count: 16)
        #expect(try encoder.topK(state: zero[...], count: 3).map(\.index) == [0, 1, 2])
        let reversed = (0..<600).map { Int32(599 - $0) }
        let best = try encoder.topK(state: zero[...], count: 3, tieOrder: reversed)
        #expect(best.map(\.index) == [599, 598, 597])
    }

    @Test("counts of none and of more than there are")
    func edges() throws {
        let (encoder, state) = try load(items: 20, dimension: 16)
        #expect(try encoder.topK(state: state[...], count: 0).isEmpty)
        #expect(try encoder.topK(state: state[...], count: -1).isEmpty)
        #expect(try encoder.topK(state: state[...], count: 99).count == 20)
        #expect(try encoder.topK(state: state[...], count: 9, excluding: Set(0..<20)).isEmpty)
        #expect(throws: ComputeError.self) {
            try encoder.topK(state: state[...], count: 1, tieOrder: [0])
        }
    }

    @Test("threads and the asynchronous variant change nothing")
    func threads() async throws {
        let items = 2 * ItemTable.minimumRowsPerThread + 5
        let (one, state) = try load(items: items, dimension: 4, threads: 1)
        let (two, _) = try load(items: items, dimension: 4, threads: 2)
        let expected = try one.topK(state: state[...], count: 100)
        let split = try two.topK(state: state[...], count: 100)
        let hopped = try await two.retrieve(state: state[...], count: 100)
        #expect(split.map(\.index) == expected.map(\.index))
        #expect(split.map(\.score) == expected.map(\.score))
        #expect(hopped.map(\.index) == expected.map(\.index))
    }

    private func load(
        items: Int, dimension: Int, threads: Int = 1
    ) throws -> (SequentialEncoder, [Float]) {
        var model = RandomSASRec()
        model.items = items
        model.dimension = dimension
        model.draw(seed: 1)
        let folder = try TemporaryFolder()
        try model.writer().write(to: folder.file("encoder.gguf"))
        let encoder = try SequentialEncoder(path: folder.file("encoder.gguf"), threads: threads)
        return (encoder, try encoder.encode(sequences: [[1, 2, 3]]).values)
    }
}
