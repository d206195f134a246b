import Domain
import GGML
import Testing

@Suite("SASRec encoder")
struct SASRecEncoderTests {
    static let tolerance = 1e-4

    /// Variant, tied, output bias, activation.
    static let forms: [RandomSASRec] = [
        RandomSASRec(variant: .preNorm, activation: .gelu, isTied: true),
        RandomSASRec(variant: .preNorm, activation: .relu, isTied: false, hasOutputBias: true),
        RandomSASRec(variant: .original, activation: .relu, isTied: true, scale: 2.5),
        RandomSASRec(variant: .original, activation: .gelu, isTied: false),
    ]

    @Test("states and scores equal a double-precision reference", arguments: 0..<4)
    func matchesReference(form: Int) throws {
        try compare(Self.forms[form], sequences: [[3], [1, 2], [0, 5, 10, 4, 4, 7]], seed: 1)
    }

    @Test("states equal the reference at width 64 and window 50", arguments: 0..<4)
    func matchesReferenceAtServedSize(form: Int) throws {
        var model = Self.forms[form]
        model.dimension = 64
        model.window = 50
        model.heads = 2
        model.feedForward = 256
        model.items = 300
        model.scale = 1
        let long = (0..<50).map { ($0 * 37) % 300 }
        try compare(model, sequences: [long, Array(long.prefix(9))], seed: 2)
    }

    private func compare(_ form: RandomSASRec, sequences: [[Int]], seed: UInt64) throws {
        let (encoder, model) = try load(form, seed: seed)
        let reference = SASRecReference(model: model)
        let states = try encoder.encode(sequences: sequences)
        #expect(states.rows == sequences.count && states.columns == model.dimension)
        for (index, sequence) in sequences.enumerated() {
            let expected = reference.state(sequence)
            #expect(largestDifference(states.row(index), expected) <= Self.tolerance)
            let scores = try encoder.scores(
                state: states.row(index), items: Array(0..<model.items))
            #expect(largestDifference(scores, reference.scores(expected)) <= Self.tolerance)
        }
    }

    @Test("a longer sequence keeps the newest window")
    func longSequence() throws {
        let (encoder, _) = try load(RandomSASRec(), seed: 3)
        let newest = [4, 5, 6, 7, 8, 9]
        let states = try encoder.encode(sequences: [newest, [1, 2, 3] + newest])
        #expect(Array(states.row(0)) == Array(states.row(1)))
    }

    @Test("a batch gives the same bits as one sequence at a time", arguments: 0..<4)
    func batch(form: Int) async throws {
        var model = Self.forms[form]
        model.dimension = 64
        model.window = 10
        model.feedForward = 128
        model.items = 300
        let (encoder, _) = try load(model, seed: 4)
        let sequences = (0..<75).map { first in
            (0...(first * 7 % 13)).map { ($0 * 31 + first) % 300 }
        }
        let batch = try await encoder.encode(batch: sequences)
        let alone = try sequences.map { try encoder.encode(sequences: [$0]).values }
        #expect(sequences.indices.filter { Array(batch.row($0)) != alone[$0] } == [])
    }

    @Test("concurrent callers get their own states")
    func concurrentCallers() async throws {
        let (encoder, _) = try load(RandomSASRec(), seed: 5)
        let expected = try (0..<11).map { try encoder.encode(sequences: [[$0]]).values }
        await withTaskGroup(of: Bool.self) { group in
            for call in 0..<64 {
                group.addTask {
                    let state = try? await encoder.encode(batch: [[call % 11]])
                    return state?.values == expected[call % 11]
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    @Test("half-precision weights stay close to their float32 form")
    func halfPrecision() throws {
        var model = RandomSASRec()
        model.draw(seed: 6)
        let folder = try TemporaryFolder()
        try model.writer(as: .float16).write(to: folder.file("half.gguf"))
        let encoder = try SequentialEncoder(path: folder.file("half.gguf"))
        let state = try encoder.encode(sequences: [[1, 2, 3]])
        #expect(
            largestDifference(state.values, SASRecReference(model: model).state([1, 2, 3])) < 0.01)
    }

    @Test("item rows are the input embeddings, also where the output is not tied")
    func itemRows() throws {
        let (encoder, model) = try load(RandomSASRec(isTied: false), seed: 7)
        let rows = try encoder.itemRows([10, 0, 10])
        let table = model.tensors["item_embd.weight"]!.values
        #expect(rows.values == Array(table[80..<88] + table[0..<8] + table[80..<88]))
        #expect(try encoder.itemRows([]) == FloatTensor(rows: 0, columns: 8, values: []))
    }

    @Test("a cancelled batch stops")
    func cancelledBatch() async throws {
        let (encoder, _) = try load(RandomSASRec(), seed: 8)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await encoder.encode(batch: [[Int]](repeating: [1], count: 9))
        }
        let error = await #expect(throws: ComputeError.self) { try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test("an empty sequence and an index outside the table are errors that say where")
    func badSequences() throws {
        let (encoder, _) = try load(RandomSASRec(), seed: 9)
        #expect(throws: ComputeError(code: .emptySequence, message: "sequence 1 has no item")) {
            try encoder.encode(sequences: [[1], []])
        }
        #expect(throws: ComputeError(code: .indexOutOfRange, message: "item 11 of 11")) {
            try encoder.encode(sequences: [[11]])
        }
        #expect(throws: ComputeError(code: .indexOutOfRange, message: "item -1 of 11")) {
            try encoder.itemRows([-1])
        }
    }

    @Test("a state of another width or with NaN is refused")
    func badStates() throws {
        let (encoder, _) = try load(RandomSASRec(), seed: 10)
        let narrow = [Float](repeating: 0, count: 7)
        #expect(throws: ComputeError.self) { try encoder.topK(state: narrow[...], count: 1) }
        var state = [Float](repeating: 0, count: 8)
        state[5] = .nan
        #expect(
            throws: ComputeError(code: .notFinite, message: "value 5 of a state is not finite")
        ) {
            try encoder.scores(state: state[...], items: [0])
        }
        state[5] = .infinity
        #expect(throws: ComputeError.self) { try encoder.topK(state: state[...], count: 1) }
    }

    private func load(
        _ form: RandomSASRec, seed: UInt64
    ) throws -> (SequentialEncoder, RandomSASRec) {
        var model = form
        model.draw(seed: seed)
        let folder = try TemporaryFolder()
        try model.writer().write(to: folder.file("encoder.gguf"))
        return (try SequentialEncoder(path: folder.file("encoder.gguf")), model)
    }
}
