import DataSets
import Testing
import TrainingCore

@Suite("Items of data sets")
struct DataItemTests {
    private func read(
        _ text: String, columns: DataItem.Columns = .init(), maximum: Int = 0
    ) throws -> (items: [DataItem], rejected: [DataError]) {
        var rejections = Rejections(maximum: maximum)
        let items = try DataItem.read(
            DataTable(bytes: Array(text.utf8), source: "items"), columns: columns,
            rejections: &rejections)
        return (items, rejections.list)
    }

    @Test("other columns become attributes, empty ones none, and a title stays on one line")
    func attributes() throws {
        let text = "id\tgenre\ttitle\tyear\na\tRock\t Nine \u{1}Lives \t1999\nb\t\tB\tlong ago\n"
        #expect(
            try read(text, columns: .init(year: "year")).items == [
                DataItem(
                    id: "a", title: "Nine  Lives", year: 1999,
                    attributes: [.init(key: "genre", value: "Rock")]),
                DataItem(id: "b", title: "B"),
            ])
        #expect(
            try read(text, columns: .init(attributes: [.init(key: "kind", value: "genre")]))
                .items[0].attributes == [.init(key: "kind", value: "Rock")])
    }

    @Test("items without id or title, and a second row of an item, are rejected with their lines")
    func rejected() throws {
        let read = try read("id\ttitle\n\tA\nb\t \nc\tC\nc\tD\nd\tC\ne\u{301}\tE\n", maximum: 9)
        #expect(read.items.map(\.id) == ["c", "d"])
        #expect(
            read.rejected.map(\.description) == [
                "items:2: the item id is empty", "items:3: the title is empty",
                "items:5: a second row for the item of line 4",
                "items:7: the item id is not in Unicode normalisation form C; compose its "
                    + "characters",
            ])
    }

    @Test("ids, titles and attributes may be as long as the limits and no longer")
    func limits() throws {
        func item(_ id: Int, _ title: Int, _ value: Int) -> String {
            "id\ttitle\tnote\n" + String(repeating: "i", count: id) + "\t"
                + String(repeating: "t", count: title) + "\t"
                + String(repeating: "v", count: value) + "\n"
        }
        let most = (DataLimits.maximumIDBytes, DataLimits.maximumTitleBytes)
        let value = DataLimits.maximumAttributeBytes
        #expect(try read(item(most.0, most.1, value)).items.count == 1)
        for text in [
            item(most.0 + 1, 1, 1), item(1, most.1 + 1, 1), item(1, 1, value + 1),
        ] {
            #expect(throws: DataError.self) { try read(text) }
        }
        func header(_ attributes: Int) -> String {
            "id\ttitle" + (0..<attributes).map { "\ta\($0)" }.joined() + "\n"
        }
        #expect(try read(header(DataLimits.maximumAttributes)).items.isEmpty)
        #expect(throws: DataError.self) { try read(header(DataLimits.maximumAttributes + 1)) }
    }

    @Test("MovieLens-100K gives 1,682 items with the year of each but one")
    func realItems() throws {
        let items = try MovieLens.folder().items
        #expect(items.count == 1_682)
        #expect(items[0].title == "Toy Story")
        #expect(items[0].year == 1995)
        #expect(
            items[0].attributes == [.init(key: "genres", value: "Animation Children's Comedy")])
        #expect(items[266].title == "unkonwn")
        #expect(items.filter { $0.year == nil }.map(\.id) == ["267"])
        #expect(items.allSatisfy { !$0.title.hasSuffix(", The") && !$0.title.hasSuffix(")1") })
        #expect(items.first { $0.id == "1412" }?.year == 1995)
    }
}
