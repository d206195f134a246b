import Testing
import TrainingCore

@Suite("Data sets")
struct DataSetTests {
    private static let interactions =
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        + "u\ta\t3\t1\nu\tb\t1\t2\nu\tc\t3\t3\n"
    private static let items =
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        + "a\tA\t1990\tx\nb\tB\t1990\tx\nc\tC\t1990\tx\n"

    private func load(
        _ names: [String] = ["d.inter", "d.item", "d.user"], items: String = items
    ) throws -> DataSet {
        try DataSet(directory: "/data/d", fileNames: names, rule: .leaveOneOut) { path in
            Array((path == "/data/d/d.item" ? items : Self.interactions).utf8)
        }
    }

    @Test("a folder gives catalog, split and all that each user saw, whatever the rating")
    func reads() throws {
        let set = try load()
        #expect(set.name == "d")
        #expect(set.items.map(\.id) == ["a", "b", "c"])
        #expect(set.seen == ["u": ["a", "b", "c"]])
        #expect(set.split.test.map(\.target) == ["c"])
        #expect(set.position(of: "b") == 1)
        #expect(set.position(of: "z") == nil)
    }

    @Test("a folder without one file of a kind, or with two, is refused")
    func files() {
        #expect(throws: DataError.self) { try load(["d.inter"]) }
        #expect(throws: DataError.self) { try load(["d.inter", "e.inter", "d.item"]) }
    }

    @Test("an interaction with an item that the catalog lacks is refused with its line")
    func unknownItem() {
        let short = Self.items.replacing("b\tB\t1990\tx\n", with: "")
        let error = #expect(throws: DataError.self) { try load(items: short) }
        #expect(error?.source == "/data/d/d.inter")
        #expect(error?.line == 3)
    }
}
