import Foundation
import Testing

@Suite("Imports by the command", .serialized)
struct ImportProcessTests {
    private func withFiles(
        _ files: [String: String], _ body: (ServiceFleet, URL) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            for (name, content) in files {
                try Data(content.utf8).write(to: folder.appending(path: name))
            }
            try await ServiceFleet.run { fleet in try await body(fleet, folder) }
        }
    }

    @Test("items and interactions of files are in the catalog; rejected rows in a file by line")
    func files() async throws {
        let files = [
            "films.csv": """
            film,name,released,genre
            1,"Alien, the first",1979,horror
            2,Aliens,1986,
            3,,1992,drama

            """,
            "ratings.tsv": "user\titem\trating\ttime\n42\t1\t5\t100\n42\t9\t4\t200\n42\t2\tx\t1\n",
        ]
        try await withFiles(files) { fleet, folder in
            let rejects = folder.appending(path: "rejected.tsv")
            let items = [
                "import", "items", folder.appending(path: "films.csv").path, "--schema",
                fleet.schema, "--id-column", "film", "--title-column", "name",
                "--attribute-column", "year=released", "--rejects", rejects.path,
            ]
            let dry = try await fleet.llara(items + ["--dry-run"])
            #expect(dry.status == 65, "\(dry)")
            #expect(dry.output.contains("Dry run: nothing was written"))
            #expect(try await fleet.llara(["item", "get", "1"]).status == 66)
            let run = try await fleet.llara(items)
            #expect(run.status == 65, "\(run)")
            #expect(run.errors.contains("1 row was not imported"))
            let reasons = try String(contentsOf: rejects, encoding: .utf8)
            #expect(reasons.hasPrefix("4\t"), "\(reasons)")
            #expect(reasons.contains("title"))
            let item = try await fleet.llara(["item", "get", "1", "--json"])
            #expect(
                item.output.contains(#""title":"Alien, the first","attributes":{"year":"1979"}"#))
            let ratings = try await fleet.llara([
                "import", "interactions", folder.appending(path: "ratings.tsv").path, "--schema",
                fleet.schema, "--json",
            ])
            #expect(ratings.status == 65)
            #expect(ratings.errors.contains("  line 3: "))
            #expect(ratings.errors.contains("  line 4: "))
            let counts = try #require(try ratings.json()["interactions"] as? [String: Any])
            #expect(counts["rows"] as? Int == 3)
            #expect(counts["changed"] as? Int == 1)
            #expect(counts["rejected"] as? Int == 2)
            #expect(
                try await fleet.llara(["user", "show", "42"]).output.contains("1 interaction\n"))
        }
    }

    @Test("a file without faults ends with 0, from standard input too")
    func standardInput() async throws {
        try await withFiles([:]) { fleet, _ in
            let run = try await fleet.llara(
                ["import", "items", "-", "--schema", fleet.schema, "--separator", "semicolon"],
                input: "id;title\n1;Alien\n")
            #expect(run.status == 0, "\(run)")
            #expect(run.output.hasPrefix("Table  Rows  Changed  Rejected  Time (s)  Rows/s\nitems"))
            let beyond = try await fleet.llara(
                ["import", "items", "-", "--schema", fleet.schema, "--maximum-rejects", "1"],
                input: "id\ttitle\n1\t\n2\t\n")
            #expect(beyond.status == 65)
            #expect(beyond.output.isEmpty)
            #expect(beyond.errors.contains("more than 1 rows were rejected"), "\(beyond.errors)")
        }
    }

    @Test("a column or file that is not there is named")
    func wrong() async throws {
        try await withFiles(["a.tsv": "id\tname\n1\tAlien\n"]) { fleet, folder in
            let column = try await fleet.llara([
                "import", "items", folder.appending(path: "a.tsv").path, "--schema", fleet.schema,
            ])
            #expect(column.status == 65)
            #expect(column.errors.contains("the file has id, name"), "\(column.errors)")
            let file = try await fleet.llara([
                "import", "items", folder.appending(path: "b.tsv").path, "--schema", fleet.schema,
            ])
            #expect(file.status == 66)
            let rejects = try await fleet.llara([
                "import", "items", folder.appending(path: "a.tsv").path, "--rejects",
                "/nonexistent/rejected",
            ])
            #expect(rejects.status == 66)
        }
    }
}
