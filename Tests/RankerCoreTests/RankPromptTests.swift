import Domain
import Testing

@testable import RankerCore

@Suite("Prompt of text and vectors")
struct RankPromptTests {
    private let limits = RankLimits(segments: 3, promptBytes: 8, vectorMagnitude: 10)

    private func fault(_ prompt: RankPrompt) -> RankFault? {
        do throws(RankFault) {
            try prompt.validate(limits: limits, embeddingWidth: 2)
            return nil
        } catch {
            return error
        }
    }

    private func vectors(_ values: [Float]) -> RankPrompt {
        RankPrompt(
            segments: [.vectors(rows: 0..<values.count / 2)],
            vectors: FloatTensor(rows: values.count / 2, columns: 2, values: values))
    }

    @Test("a prompt at its limits is accepted, beyond each it is refused by field")
    func limitsOfText() {
        #expect(fault(RankPrompt(segments: [.text("1234"), .text("5678"), .text("")])) == nil)
        #expect(fault(RankPrompt(segments: [.text("12345"), .text("6789")]))?.field == "prompt")
        #expect(
            fault(RankPrompt(segments: Array(repeating: .text("1"), count: 4)))?.field == "prompt")
        #expect(fault(RankPrompt(segments: []))?.field == "prompt")
    }

    @Test("values up to the greatest magnitude pass; larger, infinite or NaN ones do not")
    func vectorValues() {
        #expect(fault(vectors([10, -10])) == nil)
        for bad in [Float(10.1), -10.1, .nan, .infinity, -.infinity] {
            let fault = fault(vectors([0, 0, 0, bad]))
            #expect(fault?.field == "vectors")
            #expect(fault?.message.contains("row 1, column 1") == true)
        }
    }

    @Test("vectors of another width and rows that are not there are refused")
    func shapes() {
        let wide = RankPrompt(
            segments: [.vectors(rows: 0..<1)],
            vectors: FloatTensor(rows: 1, columns: 3, values: [1, 2, 3]))
        #expect(fault(wide)?.field == "vectors")
        let beyond = RankPrompt(
            segments: [.text("a"), .vectors(rows: 0..<2)],
            vectors: FloatTensor(rows: 1, columns: 2, values: [1, 2]))
        #expect(fault(beyond)?.field == "prompt[1].vectors")
        #expect(fault(RankPrompt(segments: [.vectors(rows: 0..<1)]))?.field == "prompt[0].vectors")
    }

    @Test("rows that no segment uses are refused: they would wait at no cost")
    func unusedRows() {
        let rows = FloatTensor(rows: 3, columns: 2, values: [1, 2, 3, 4, 5, 6])
        let used = RankPrompt(
            segments: [.vectors(rows: 2..<3), .vectors(rows: 0..<2)], vectors: rows)
        #expect(fault(used) == nil)
        let partly = RankPrompt(segments: [.text("a"), .vectors(rows: 0..<2)], vectors: rows)
        #expect(fault(partly)?.field == "vectors")
        #expect(fault(partly)?.message.contains("3 rows, the prompt's segments use 2") == true)
        #expect(fault(RankPrompt(segments: [.text("a")], vectors: rows))?.field == "vectors")
    }
}

@Suite("Prompt plan")
struct PromptPlanTests {
    private func plan(
        _ segments: [RankPrompt.Segment], beginning: Int32? = nil, maximum: Int = 100
    ) throws -> PromptPlan {
        try PromptPlan(
            RankPrompt(segments: segments), beginningOfSequence: beginning,
            maximumPositions: maximum
        ) { $0.utf8.map(Int32.init) }
    }

    @Test("segments follow one another, each tokenised by itself")
    func order() throws {
        let plan = try plan([.text("ab"), .vectors(rows: 3..<5), .text("c")])
        #expect(plan.positions == [.token(97), .token(98), .row(3), .row(4), .token(99)])
    }

    @Test("the beginning-of-sequence token stands first where the vocabulary asks for it")
    func beginning() throws {
        #expect(try plan([.text("a")], beginning: 1).positions == [.token(1), .token(97)])
    }

    @Test("a prompt of the greatest length passes, one token more does not, nor does none")
    func length() throws {
        #expect(try plan([.text("abc")], maximum: 3).positions.count == 3)
        #expect(throws: RankFault.self) { try plan([.text("abcd")], maximum: 3) }
        #expect(throws: RankFault.self) { try plan([.text("")], beginning: 1) }
        #expect(try plan([.text("a"), .vectors(rows: 0..<2)], maximum: 3).positions.count == 3)
        #expect(throws: RankFault.self) { try plan([.vectors(rows: 0..<4)], maximum: 3) }
    }

    @Test("rows beyond the greatest length are refused before they are laid out")
    func overlappingRows() throws {
        let segments = Array(
            repeating: RankPrompt.Segment.vectors(rows: 0..<1_000_000_000_000), count: 1_000)
        let fault = #expect(throws: RankFault.self) { try plan(segments, maximum: 100) }
        #expect(fault?.field == "prompt")
    }

    @Test("a kept row has memory of its own and not the whole tensor's")
    func detachedRows() {
        let vectors = FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, 4])
        let input = PositionInput.vector(vectors.row(1))
        guard case .vector(let row) = input.detached else { return }
        #expect(input.detached == input)
        // A slice of the tensor would begin where the row stands in it.
        #expect(row.startIndex == 0)
        #expect(PositionInput.token(7).detached == .token(7))
    }

    @Test("the engine reads tokens and the prompt's vectors in order, and shows both")
    func inputs() throws {
        let vectors = FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, 4])
        let plan = try plan([.vectors(rows: 1..<2), .text("a"), .vectors(rows: 0..<1)])
        #expect(plan.inputs(vectors: vectors) == [.vector([3, 4]), .token(97), .vector([1, 2])])
        #expect(
            plan.tokens(ByteVocabulary())
                == [.vector(row: 1), .text(token: 97, bytes: [97]), .vector(row: 0)])
    }
}

/// Tokens that are bytes; 0 ends a text.
struct ByteVocabulary: TokenVocabulary {
    func bytes(of token: Int32) -> [UInt8] { token == 0 ? [] : [UInt8(token)] }

    func isEndOfGeneration(_ token: Int32) -> Bool { token == 0 }
}
