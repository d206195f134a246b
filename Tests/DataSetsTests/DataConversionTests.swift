import DataSets
import Domain
import Testing
import TrainingCore

@Suite("Data sets from other layouts")
struct DataConversionTests {
    private static let published = [
        "items.tsv": "item_id\ttitle\n0\tA\n1\tB\n2\tC\n",
        "train.tsv": "user_id\titem_ids\n0\t0,1\n1\t2,0,1\n",
        "val.tsv": "history_item_ids\ttarget_item_id\n0,1\t2\n",
        "test.tsv": "history_item_ids\ttarget_item_id\n2\t0\n2\t0\n",
    ]

    private func publish(
        _ changes: [String: String?] = [:], maximum: Int = 0
    ) throws -> (folder: DataFolder, rejected: [DataError], dropped: Int) {
        let files = try DataFiles(
            Self.published.merging(changes.compactMapValues { $0 }) { $1 }
                .filter { changes[$0.key] != .some(nil) })
        var conversion = DataConversion(maximumRejections: maximum)
        let folder = try conversion.publishedFolder(
            name: "p", description: DataDescription(domain: "artist"), directory: files.path)
        return (folder, conversion.rejections.list, conversion.droppedInteractions)
    }

    @Test("LLaRA's layout: whole sequences train, a validation or test row is a user of its own")
    func published() throws {
        let split = try publish().folder.dataSet(rule: .published).split
        #expect(split.training.map(\.itemIDs) == [["0", "1"], ["2", "0", "1"]])
        #expect(split.validation.map(\.history) == [["0", "1"]])
        #expect(split.validation.map(\.target) == ["2"])
        #expect(split.test.map(\.history) == [["2"], ["2"]])
        #expect(split.test.map(\.userID) == ["test-1", "test-2"])
    }

    @Test("LLaRA's layout is written, read again, and splits the same")
    func writtenPublished() throws {
        let folder = try publish().folder
        let target = try DataFiles()
        try folder.write(to: target.path("p"))
        #expect(
            try DataSet(directory: target.path("p"), rule: .published).split.stableHash
                == folder.dataSet(rule: .published).split.stableHash)
    }

    @Test("rows that cannot be used are rejected with file and line")
    func publishedRejects() throws {
        let (folder, rejected, _) = try publish(
            [
                "items.tsv": "item_id\ttitle\n0\tA\n1\tB\n2\t\n3\tA\n",
                "train.tsv": "user_id\titem_ids\n0\t0,1\n0\t1\n\t1\n2\t0,,1\n3\t0\t1\n4\t1\n",
                "val.tsv": "history_item_ids\ttarget_item_id\n\t1\n0\t7\n1\t0\n",
            ], maximum: 20)
        #expect(folder.items.map(\.id) == ["0", "1"])
        #expect(
            folder.interactions.map(\.userID) == ["train-0", "train-0", "train-4"]
                + ["validation-3", "validation-3"])
        #expect(
            rejected.map { $0.source.split(separator: "/").last! + ":\($0.line ?? 0)" } == [
                "items.tsv:4", "items.tsv:5", "train.tsv:3", "train.tsv:4", "train.tsv:5",
                "train.tsv:6", "val.tsv:2", "val.tsv:3", "test.tsv:2", "test.tsv:3",
            ])
    }

    @Test("an item that is rejected is left out of sequences, which otherwise stay")
    func publishedDropped() throws {
        let (folder, rejected, dropped) = try publish(
            [
                "items.tsv": "item_id\ttitle\n0\tA\n1\tB\n2\tC\n3\tA\n",
                "train.tsv": "user_id\titem_ids\n0\t0,3,1\n1\t2,0,3\n2\t3\n",
                "val.tsv": "history_item_ids\ttarget_item_id\n0,3,1\t2\n0\t3\n",
            ], maximum: 20)
        let split = try folder.dataSet(rule: .published).split
        #expect(split.training.map(\.itemIDs) == [["0", "1"], ["2", "0"]])
        #expect(split.validation.map(\.history) == [["0", "1"]])
        #expect(dropped == 3)
        #expect(
            rejected.map { $0.source.split(separator: "/").last! + ":\($0.line ?? 0)" }
                == ["items.tsv:5", "train.tsv:4", "val.tsv:3"])
    }

    @Test("a file of LLaRA's layout that is missing is named")
    func publishedMissing() {
        for name in Self.published.keys {
            let error = #expect(throws: DataError.self) { try publish([name: nil]) }
            #expect(error?.source.hasSuffix(name) == true)
        }
    }

    private func convert(
        items: String, interactions: String, columns: DataItem.Columns = .init(),
        maximum: Int = 20
    ) throws -> (folder: DataFolder, rejected: [DataError]) {
        let files = try DataFiles(["i.csv": items, "x.csv": interactions])
        let format = DelimitedFormat(separator: .comma)
        var conversion = DataConversion(maximumRejections: maximum)
        let folder = try conversion.folder(
            name: "c", description: DataDescription(domain: "item"),
            items: (files.path("i.csv"), format), itemColumns: { _ in columns },
            interactions: (files.path("x.csv"), format),
            interactionColumns: { header in .init(time: header.contains("time") ? "time" : nil) })
        return (folder, conversion.rejections.list)
    }

    @Test("files with named columns: bad rows are rejected, the rest is kept in its order")
    func columns() throws {
        let (folder, rejected) = try convert(
            items: "id,title,kind\na,\"A, or \"\"B\"\"\",x\nb,,\nc,C,\n",
            interactions: "user,item,time\nu,a,5\nu,b,6\nu,c,\nu,a,5\nv,c,5\nu,c,4\nw,a")
        #expect(folder.items.map(\.title) == ["A, or \"B\"", "C"])
        #expect(
            folder.interactions == [
                Interaction(userID: "u", itemID: "a", timeSeconds: 5),
                Interaction(userID: "v", itemID: "c", timeSeconds: 5),
                Interaction(userID: "u", itemID: "c", timeSeconds: 4),
            ])
        #expect(rejected.map(\.line) == [3, 3, 4, 5, 8])
    }

    @Test("no usable interaction, and an attribute with a name that items.tsv needs, are refused")
    func unusable() throws {
        #expect(throws: DataError.self) {
            try convert(items: "id,title\na,A\n", interactions: "user,item\nu,b\n")
        }
        let error = #expect(throws: DataError.self) {
            try convert(
                items: "id,title,year\na,A,5\n", interactions: "user,item\nu,a\n")
        }
        #expect(error?.message.contains("an attribute is named year") == true)
    }
}
