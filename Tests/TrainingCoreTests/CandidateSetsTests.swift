import Testing
import TrainingCore

@Suite("Candidate sets")
struct CandidateSetsTests {
    private let catalog = (0..<30).map { "i\($0)" }
    private let cases = [
        EvaluationCase(userID: "u", history: ["i0", "i1"], target: "i2"),
        EvaluationCase(userID: "v", history: ["i3"], target: "i4"),
    ]
    private let seen: [String: Set<String>] = [
        "u": ["i0", "i1", "i2", "i9"], "v": ["i3", "i4"],
    ]

    private func draw(
        _ negatives: Int = 19, seed: UInt64 = 7, draw: Int = 0, rows: [EvaluationCase]? = nil
    ) throws -> CandidateSets {
        try CandidateSets(
            drawing: negatives, for: rows ?? cases, catalog: catalog, seen: seen, split: "ab",
            seed: seed, draw: draw)
    }

    @Test("a set holds the target once and negatives that the user never saw")
    func contents() throws {
        let sets = try draw().sets
        #expect(sets.map(\.target) == ["i2", "i4"])
        for (set, row) in zip(sets, cases) {
            #expect(set.candidates.count == 20)
            #expect(Set(set.candidates).count == 20)
            let negatives = Set(set.candidates).subtracting([row.target])
            #expect(negatives.isDisjoint(with: seen[row.userID] ?? []))
        }
    }

    @Test("the same seed gives the same sets, another seed others, whatever rows stand beside")
    func seeded() throws {
        #expect(try draw() == draw())
        #expect(try draw().sets != draw(seed: 8).sets)
        #expect(try draw(rows: [cases[1]]).sets == [draw().sets[1]])
    }

    @Test("no draw of one seed is a draw of another")
    func draws() throws {
        let sets = try [7, 8].flatMap { seed in
            try (0..<3).map { try draw(seed: UInt64(seed), draw: $0).sets }
        }
        #expect(Set(sets).count == 6)
    }

    @Test("stored sets are refused for other rows, an unknown item, and one that a user saw")
    func problems() throws {
        let sets = try draw()
        let known = Set(catalog)
        #expect(sets.problem(for: cases, catalog: known, seen: seen) == nil)
        #expect(sets.problem(for: [cases[0]], catalog: known, seen: seen) != nil)
        let negatives = Set(sets.sets[0].candidates).subtracting(["i2"])
        let first = try #require(negatives.min())
        let unknown = sets.problem(for: cases, catalog: known.subtracting([first]), seen: seen)
        #expect(unknown == "a candidate outside the catalog")
        let saw = sets.problem(for: cases, catalog: known, seen: ["u": [first]])
        #expect(saw == "a candidate that its user saw")
    }

    @Test("every unseen item is drawn about equally often, and the target stands anywhere")
    func uniform() throws {
        var counts: [String: Int] = [:]
        var places = [Int](repeating: 0, count: 6)
        for seed in 0..<2_000 {
            let set = try draw(5, seed: UInt64(seed), rows: [cases[0]]).sets[0]
            for item in set.candidates where item != "i2" { counts[item, default: 0] += 1 }
            places[set.candidates.firstIndex(of: "i2") ?? 0] += 1
        }
        // 10,000 draws over 26 items: 385 each, standard deviation below 20.
        #expect(counts.count == 26)
        #expect(counts.values.allSatisfy { (300...470).contains($0) })
        #expect(places.allSatisfy { (260...410).contains($0) })
    }

    @Test("a user who leaves exactly enough items gets them all, one fewer is refused")
    func exhausted() throws {
        let set = try draw(26, rows: [cases[0]]).sets[0]
        #expect(set.candidates.count == 27)
        #expect(throws: DataError.self) { try draw(27, rows: [cases[0]]) }
    }

    @Test("the number of negatives has a limit")
    func limit() {
        #expect(throws: DataError.self) { try draw(0) }
        #expect(throws: DataError.self) { try draw(CandidateSets.maximumNegatives + 1) }
    }

    @Test("stored sets come back the same")
    func stored() throws {
        let sets = try draw()
        #expect(try CandidateSets(decoding: sets.encoded, source: "c.tsv") == sets)
    }

    @Test(
        "stored sets that are malformed are refused with their line",
        arguments: [
            ("", nil as Int?),
            ("llara-candidates\t1\tab\t7\t2", nil),
            ("llara-candidates\t2\tab\t7\t2\n", 1),
            ("llara-candidates\t1\tab\tx\t2\n", 1),
            ("llara-candidates\t1\tab\t7\t2000\n", 1),
            ("llara-candidates\t1\tab\t7\t2\nu\ta\ta\tb\tc\nu\ta\ta\tb\n", 3),
            ("llara-candidates\t1\tab\t7\t2\nu\tz\ta\tb\tc\n", 2),
            ("llara-candidates\t1\tab\t7\t2\nu\ta\ta\tb\tb\n", 2),
        ])
    func malformed(_ text: String, _ line: Int?) {
        let error = #expect(throws: DataError.self) {
            try CandidateSets(decoding: Array(text.utf8), source: "c.tsv")
        }
        #expect(error?.line == line)
    }

    @Test("ranks follow the scores, equal scores the ids")
    func ranks() throws {
        let sets = try draw()
        let best = sets.ranks { _, set in set.candidates.map { $0 == set.target ? 1 : 0 } }
        #expect(best == [1, 1])
        let worst = sets.ranks { _, set in set.candidates.map { $0 == set.target ? -1 : 0 } }
        #expect(worst == [20, 20])
        let equal = sets.ranks { _, set in set.candidates.map { _ in 0.5 } }
        for (rank, set) in zip(equal, sets.sets) {
            #expect(rank == 1 + set.candidates.count { $0 < set.target })
        }
    }
}
