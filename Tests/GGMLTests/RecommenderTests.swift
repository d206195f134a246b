import Domain
import GGML
import Testing

@Suite("GRU4Rec and Caser")
struct RecommenderTests {
    static let tolerance = 1e-4

    /// Tied, untied with and without bias; Caser with and without its last layer, and with filters
    /// as high as the window.
    static let forms: [RandomRecommender] = {
        var tied = RandomRecommender(.gru4rec)
        var untied = tied
        untied.isTied = false
        var biased = untied
        biased.hasOutputBias = true
        var caser = RandomRecommender(.caser)
        var asInLLaRA = caser
        asInLLaRA.isTied = false
        asInLLaRA.hasOutputBias = true
        asInLLaRA.hasLastLayer = false
        var high = caser
        high.isTied = false
        high.heights = [6, 1]
        return [tied, untied, biased, caser, asInLLaRA, high]
    }()

    @Test("states and scores equal a double-precision reference", arguments: 0..<6)
    func matchesReference(form: Int) throws {
        try compare(
            Self.forms[form],
            sequences: [
                [3], [1, 2], [0, 5, 10, 4, 4, 7], [9, 9, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
            ], seed: 1)
    }

    @Test("and at LLaRA's sizes, width 64 and window 10", arguments: 0..<6)
    func matchesReferenceAtLLaRASizes(form: Int) throws {
        try compare(Self.served(form, window: 10), sequences: Self.sequences(items: 300), seed: 2)
    }

    @Test("and with a window of 50", arguments: 0..<6)
    func matchesReferenceAtServedSizes(form: Int) throws {
        try compare(Self.served(form, window: 50), sequences: Self.sequences(items: 300), seed: 3)
    }

    @Test("a batch gives the same bits as one sequence at a time", arguments: 0..<6)
    func batch(form: Int) async throws {
        var model = Self.served(form, window: 10)
        model.draw(seed: 4)
        let encoder = try model.encoder()
        let sequences = (0..<75).map { first in
            (0...(first * 7 % 13)).map { ($0 * 31 + first) % 300 }
        }
        let batch = try await encoder.encode(batch: sequences)
        let alone = try sequences.map { try encoder.encode(sequences: [$0]).values }
        #expect(sequences.indices.filter { Array(batch.row($0)) != alone[$0] } == [])
    }

    @Test("an item after the newest window does not count")
    func window() throws {
        for form in [Self.forms[0], Self.forms[3]] {
            var model = form
            model.draw(seed: 5)
            let newest = [4, 5, 6, 7, 8, 9]
            let states = try model.encoder().encode(sequences: [newest, [1, 2, 3] + newest])
            #expect(Array(states.row(0)) == Array(states.row(1)))
        }
    }

    @Test("an empty sequence is an error, item rows are the input embeddings")
    func shared() throws {
        for form in [Self.forms[1], Self.forms[4]] {
            var model = form
            model.draw(seed: 6)
            let encoder = try model.encoder()
            #expect(throws: ComputeError(code: .emptySequence, message: "sequence 1 has no item")) {
                try encoder.encode(sequences: [[1], []])
            }
            let table = model.tensors["item_embd.weight"]!.values
            #expect(try encoder.itemRows([10, 0]).values == Array(table[80..<88] + table[0..<8]))
            #expect(encoder.configuration.architecture == model.architecture)
            #expect(encoder.stateDimension == model.stateDimension)
        }
    }

    /// Form `form` with LLaRA's width and filters.
    private static func served(_ form: Int, window: Int) -> RandomRecommender {
        var model = forms[form]
        model.dimension = 64
        model.window = window
        model.items = 300
        model.filters = 16
        return model
    }

    private static func sequences(items: Int) -> [[Int]] {
        let long = (0..<60).map { ($0 * 37) % items }
        return [[7], Array(long.prefix(9)), Array(long.prefix(10)), Array(long.prefix(50)), long]
    }

    private func compare(
        _ form: RandomRecommender, sequences: [[Int]], seed: UInt64
    ) throws {
        var model = form
        model.draw(seed: seed)
        let encoder = try model.encoder()
        let reference = RecommenderReference(model: model)
        let states = try encoder.encode(sequences: sequences)
        #expect(states.rows == sequences.count && states.columns == model.stateDimension)
        for (index, sequence) in sequences.enumerated() {
            let expected = reference.state(sequence)
            #expect(largestDifference(states.row(index), expected) <= Self.tolerance)
            let scores = try encoder.scores(
                state: states.row(index), items: Array(0..<model.items))
            #expect(largestDifference(scores, reference.scores(expected)) <= Self.tolerance)
        }
    }
}
