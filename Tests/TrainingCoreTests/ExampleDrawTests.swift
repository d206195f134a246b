import Testing
import TrainingCore

@Suite("Drawing training examples")
struct ExampleDrawTests {
    private let sequences = [[0, 1, 2, 3, 4, 5], [6, 7, 8], [9, 10, 11, 12]]

    private func draw(
        seed: UInt64 = 1, limit: Int? = nil, count: Int = 5, hardShare: Double = 0,
        items: Int = 30, sampling: ExampleSampling = .prefixes
    ) throws -> ExampleDraw {
        try ExampleDraw(
            sequences: sequences, itemCount: items, historyLimit: limit,
            negatives: NegativeDraw(count: count, hardShare: hardShare), sampling: sampling,
            seed: seed)
    }

    private func examples(
        _ draw: ExampleDraw, _ numbers: Range<Int>,
        retrieve: ([Int], Set<Int>, Int) throws -> [Int] = { _, _, _ in [] }
    ) throws -> [TrainingExample] {
        var draw = draw
        return try numbers.map { try draw.example($0, retrieve: retrieve) }
    }

    @Test("an epoch has every prefix of three items or more once, another epoch another order")
    func epochs() throws {
        let draw = try draw()
        #expect(draw.epochCount == 4)
        let wanted = [[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [9, 10, 11]]
        var orders: Set<[[Int]]> = []
        for epoch in 0..<6 {
            let prefixes = try examples(draw, epoch * 4..<(epoch + 1) * 4).map(\.prefix)
            #expect(prefixes.sorted { $0.lexicographicallyPrecedes($1) } == wanted)
            orders.insert(prefixes)
        }
        #expect(orders.count > 1)
    }

    @Test("by users, a round has every user who has enough items once, its prefixes end anywhere")
    func rounds() throws {
        let draw = try draw(sampling: .users)
        #expect(draw.epochCount == 2)
        var ends: Set<Int> = []
        for round in 0..<40 {
            let prefixes = try examples(draw, round * 2..<(round + 1) * 2).map(\.prefix)
            #expect(Set(prefixes.map { $0[0] }) == [0, 9])
            ends.formUnion(prefixes.filter { $0[0] == 0 }.map(\.count))
        }
        #expect(ends == [3, 4, 5])
        #expect(try examples(draw, 5..<9) == Array(examples(draw, 0..<9)[5...]))
    }

    @Test("the target follows its prefix")
    func targets() throws {
        for example in try examples(draw(), 0..<4) {
            let sequence = try #require(sequences.first { $0.starts(with: example.prefix) })
            #expect(example.target == sequence[example.prefix.count])
        }
    }

    @Test("a prefix is cut to what evaluation rows have")
    func limit() throws {
        let prefixes = try examples(draw(limit: 3), 0..<4).map(\.prefix)
        #expect(prefixes.allSatisfy { $0.count == 3 })
        #expect(prefixes.contains([2, 3, 4]))
    }

    @Test("an example is the same whatever was drawn before it, and other with another seed")
    func pure() throws {
        let all = try examples(draw(), 0..<12)
        #expect(try examples(draw(), 7..<12) == Array(all[7...]))
        #expect(try examples(draw(seed: 2), 0..<12) != all)
    }

    @Test("random negatives are distinct, and nothing of the user's whole history")
    func negatives() throws {
        for example in try examples(draw(count: 20), 0..<40) {
            let sequence = try #require(sequences.first { $0.contains(example.target) })
            #expect(Set(example.negatives).count == 20)
            #expect(Set(example.negatives).isDisjoint(with: sequence))
            #expect(example.negatives.allSatisfy { (0..<30).contains($0) })
        }
    }

    @Test("the hard share comes from what is retrieved for the prefix, the rest at random")
    func hard() throws {
        let drawn = try examples(draw(count: 6, hardShare: 0.5), 0..<20) {
            prefix, excluded, count in
            #expect(count == NegativeDraw.hardPool)
            #expect(excluded.isSuperset(of: prefix))
            // A retrieval that forgot what it must leave out does no harm.
            return prefix + [20, 21, 22, 23, 24]
        }
        for example in drawn {
            #expect(example.negatives.prefix(3).allSatisfy { (20...24).contains($0) })
            #expect(Set(example.negatives).count == 6)
        }
        #expect(NegativeDraw(count: 19, hardShare: 1).hardCount == 19)
        #expect(NegativeDraw(count: 19, hardShare: 0).hardCount == 0)
    }

    @Test("the catalog may leave just enough negatives, one fewer is refused")
    func tooFew() throws {
        #expect(try draw(count: 7, items: 13).epochCount == 4)
        #expect(throws: DataError.self) { try draw(count: 8, items: 13) }
    }

    @Test("sequences without a prefix of three items and a target are refused")
    func tooShort() {
        #expect(throws: DataError.self) {
            try ExampleDraw(
                sequences: [[1, 2, 3]], itemCount: 9, historyLimit: nil,
                negatives: NegativeDraw(count: 1, hardShare: 0), seed: 1)
        }
    }
}
