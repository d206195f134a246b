import DataSets
import Foundation
import Testing
import TrainingCore

@Suite("Data folders")
struct DataFolderTests {
    private static let files = [
        "dataset.json": #"{"format": 1, "domain": "artist", "minimum_rating": 2}"#,
        "items.tsv": "id\ttitle\tyear\tkind\na\tA\t1990\tx\nb\tB\t\t\n",
        "interactions.tsv": "user\titem\trating\ttime\nu\ta\t3\t5\nu\tb\t1\t4\n",
    ]

    private func change(_ name: String, _ text: String?) throws -> DataFiles {
        var files = Self.files
        files[name] = text
        return try DataFiles(files)
    }

    private func failure(_ name: String, _ text: String?) throws -> DataError? {
        let files = try change(name, text)
        return #expect(throws: DataError.self) { try DataFolder(directory: files.path) }
    }

    @Test("the project's own folder gives domain, items and interactions")
    func own() throws {
        let files = try DataFiles(Self.files)
        let folder = try DataFolder(directory: files.path + "/")
        #expect(folder.description == DataDescription(domain: "artist", minimumRating: 2))
        #expect(
            folder.items == [
                DataItem(
                    id: "a", title: "A", year: 1990, attributes: [.init(key: "kind", value: "x")]),
                DataItem(id: "b", title: "B"),
            ])
        #expect(folder.interactions.map(\.timeSeconds) == [5, 4])
        let set = try folder.dataSet(rule: .leaveOneOut)
        #expect(set.domain == "artist")
        #expect(set.name == URL(fileURLWithPath: files.path).lastPathComponent)
    }

    @Test("a folder in RecBole's form is one of movies, whose ratings count from 3")
    func recBole() throws {
        let files = try DataFiles([
            "d.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu\ta\t3\t1\n",
            "d.item": "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
                + "a\tKing, The (1990)\t\tDrama War\n",
            "d.user": "",
        ])
        let folder = try DataFolder(directory: files.path)
        #expect(folder.description == DataDescription(domain: "movie", minimumRating: 3))
        #expect(
            folder.items == [
                DataItem(
                    id: "a", title: "The King", year: 1990,
                    attributes: [.init(key: "genres", value: "Drama War")])
            ])
        #expect(folder.interactions.map(\.itemID) == ["a"])
    }

    @Test("a folder without a description and not of RecBole's files says how to make one")
    func foreign() throws {
        let files = try DataFiles(["a.inter": "", "b.inter": "", "d.item": ""])
        for path in [files.path, "/nonexistent"] {
            let error = #expect(throws: DataError.self) { try DataFolder(directory: path) }
            #expect(error?.advice?.contains("llara import dataset") == true)
        }
    }

    @Test("a missing file and a malformed description are refused by name")
    func missing() throws {
        #expect(try failure("items.tsv", nil)?.source.hasSuffix("items.tsv") == true)
        #expect(try failure("interactions.tsv", nil)?.source.hasSuffix("interactions.tsv") == true)
        for text in [
            "", "{}", #"{"format": 1}"#, #"{"format": 2, "domain": "movie"}"#,
            #"{"format": 1, "domain": "car"}"#,
        ] {
            #expect(try failure("dataset.json", text)?.source.hasSuffix("dataset.json") == true)
        }
    }

    @Test("a malformed row is refused with file and line")
    func malformed() throws {
        let rows = Self.files["interactions.tsv"]!
        for row in ["u\tz\t3\t5\n", "u\ta\t3\n", "u\ta\t3\t5"] {
            let error = try failure("interactions.tsv", rows + row)
            #expect(error?.source.hasSuffix("interactions.tsv") == true)
            #expect(error?.line == 4)
        }
        #expect(try failure("items.tsv", "id\ttitle\na\t\n")?.line == 2)
    }

    @Test("what was written is read again, and appears whole or not at all")
    func roundTrip() throws {
        let files = try DataFiles(Self.files)
        let folder = try DataFolder(directory: files.path)
        let target = try DataFiles()
        try folder.write(to: target.path("new/films"))
        let again = try DataFolder(directory: target.path("new/films"))
        #expect(again.items == folder.items)
        #expect(again.interactions == folder.interactions)
        #expect(again.description == folder.description)
        let error = #expect(throws: DataError.self) {
            try folder.write(to: target.path("new/films"))
        }
        #expect(error?.message == "exists")
        try Data().write(to: URL(fileURLWithPath: target.path("file")))
        #expect(throws: DataError.self) { try folder.write(to: target.path("file/films")) }
        #expect(try target.names() == ["new", "file"])
    }
}
