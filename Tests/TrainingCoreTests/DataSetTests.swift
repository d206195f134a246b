import Testing
import TrainingCore

@Suite("Data sets")
struct DataSetTests {
    private let items = ["a", "b", "c"].map { DataItem(id: $0, title: $0) }

    private func set(
        _ parts: [Interaction.Part?] = [nil, nil, nil], rule: SplitRule = .leaveOneOut
    ) throws -> DataSet {
        try DataSet(
            name: "d", domain: "movie", items: items,
            interactions: zip(items, parts).enumerated().map { place, pair in
                Interaction(
                    userID: "u", itemID: pair.0.id, rating: 1, timeSeconds: Int64(place),
                    part: pair.1)
            }, minimumRating: 3, rule: rule)
    }

    @Test("a data set has catalog, split and all that each user saw, whatever the rating")
    func reads() throws {
        let set = try set()
        #expect(set.items.map(\.id) == ["a", "b", "c"])
        #expect(set.seen == ["u": ["a", "b", "c"]])
        #expect(set.split.test.map(\.target) == ["c"])
        #expect(set.position(of: "b") == 1)
        #expect(set.position(of: "z") == nil)
    }

    @Test("the published split is refused for data that come undivided")
    func undivided() throws {
        let error = #expect(throws: DataError.self) { try set(rule: .published) }
        #expect(error?.advice == "--split users or leave-one-out")
        #expect(try set([.test, .test, .test], rule: .published).split.test.count == 1)
    }
}
