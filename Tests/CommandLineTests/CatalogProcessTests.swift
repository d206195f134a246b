import Foundation
import Testing

@Suite("Catalog, users and releases by the command", .serialized)
struct CatalogProcessTests {
    private func items(_ run: CommandRun) throws -> [[String: Any]] {
        try #require(try run.json()["items"] as? [[String: Any]])
    }

    @Test("an item is added, read, changed in part, searched and deleted, and the log has it all")
    func items() async throws {
        try await ServiceFleet.run { fleet in
            let added = try await fleet.llara([
                "item", "upsert", "7", "--title", "Arrival", "--attribute", "year=2016",
                "--attribute", "genres=drama", "--author", "ann",
            ])
            #expect(added.output.hasPrefix("1 changed; catalog version "), "\(added)")
            let patched = try await fleet.llara([
                "item", "patch", "7", "--attribute", "year=2017", "--remove-attribute", "genres",
                "--hide", "--author", "bob", "--json",
            ])
            let version = try #require(try patched.json()["version"] as? Int)
            let item = try #require(
                try items(try await fleet.llara(["item", "get", "7", "--json"])).first)
            #expect(item["title"] as? String == "Arrival")
            #expect(item["attributes"] as? [String: String] == ["year": "2017"])
            #expect(item["state"] as? String == "hidden")
            #expect(item["version"] as? Int == version)
            for (options, count) in [
                (["--search", "RIV"], 1), (["--search", "none"], 0), (["--state", "active"], 0),
                (["--filter", "year=2010..2020", "--state", "hidden"], 1),
                (["--filter", "year<=2016"], 0),
            ] {
                let found = try items(
                    try await fleet.llara(["item", "list", "--json"] + options))
                #expect(found.count == count, "\(options)")
            }
            #expect(try await fleet.llara(["item", "delete", "7"]).status == 0)
            #expect(try await fleet.llara(["item", "get", "7"]).status == 66)
            let log = try await fleet.llara(["item", "changes", "7", "--json"]).json()
            let changes = try #require(log["changes"] as? [[String: Any]])
            #expect(changes.map { $0["action"] as? String } == ["upsert", "patch", "delete"])
            #expect(changes.map { $0["author"] as? String } == ["ann", "bob", "tester"])
        }
    }

    @Test("a write for another version is refused, and says what to do")
    func versions() async throws {
        try await ServiceFleet.run { fleet in
            let add = ["item", "upsert", "7", "--title", "Arrival", "--if-version", "0", "--json"]
            let first = try await fleet.llara(add)
            let version = try #require(try first.json()["version"] as? Int)
            for arguments in [
                add, ["item", "patch", "7", "--hide", "--if-version", "\(version - 1)"],
                ["item", "delete", "7", "--if-version", "\(version + 1)"],
            ] {
                let refused = try await fleet.llara(arguments)
                #expect(refused.status == 75, "\(arguments)")
                #expect(refused.output.isEmpty)
                #expect(refused.errors.hasPrefix("llara: ABORTED: "), "\(refused.errors)")
                #expect(refused.errors.contains("\nNext: "))
            }
            #expect(
                try await fleet.llara(["item", "delete", "7", "--if-version", "\(version)"]).status
                    == 0)
        }
    }

    @Test("a key answers as before, and is refused with another request")
    func idempotency() async throws {
        try await ServiceFleet.run { fleet in
            let write = ["item", "upsert", "7", "--title", "Arrival", "--idempotency-key", "k"]
            let first = try await fleet.llara(write + ["--json"]).json()
            let second = try await fleet.llara(write + ["--json"]).json()
            #expect(first["replayed"] as? Bool == false)
            #expect(second["replayed"] as? Bool == true)
            #expect(first["version"] as? Int == second["version"] as? Int)
            let other = try await fleet.llara([
                "item", "upsert", "7", "--title", "Other", "--idempotency-key", "k",
            ])
            #expect(other.status == 65)
            #expect(other.errors.contains("idempotency_key"), "\(other.errors)")
        }
    }

    @Test("JSON lines write items, patches, deletions and interactions")
    func lines() async throws {
        try await ServiceFleet.run { fleet in
            let items = (1...1_001).map { #"{"id":"\#($0)","title":"Film \#($0)"}"# }
                .joined(separator: "\n")
            let added = try await fleet.llara(["item", "upsert", "--from", "-"], input: items)
            #expect(added.output.hasPrefix("1001 changed; "), "\(added)")
            let patched = try await fleet.llara(
                ["item", "patch", "--from", "-"],
                input: #"{"id":"5","set_attributes":{"year":1999}}"#)
            #expect(patched.output.hasPrefix("1 changed; "), "\(patched)")
            let seen = try await fleet.llara(
                ["user", "append", "42", "--from", "-"],
                input: #"{"item_id":"5","time_seconds":100,"rating":4}"# + "\n"
                    + #"{"item_id":"6","time_seconds":200}"#)
            #expect(seen.output.hasPrefix("2 changed; "), "\(seen)")
            let deleted = try await fleet.llara(
                ["item", "delete", "--from", "-"], input: "\"1\"\n\"2\"\n")
            #expect(deleted.output.hasPrefix("2 changed; "), "\(deleted)")
            let wrong = try await fleet.llara(
                ["item", "upsert", "--from", "-"], input: #"{"id":"5","tilte":"T"}"#)
            #expect(wrong.status == 65)
            #expect(wrong.errors.contains("standard input, line 1: tilte is no field of"))
        }
    }

    @Test("a user's sequence is shown, and forgotten once that is confirmed")
    func users() async throws {
        try await ServiceFleet.run { fleet in
            for id in ["5", "6"] {
                _ = try await fleet.llara(["item", "upsert", id, "--title", "Film \(id)"])
            }
            let append = [
                "user", "append", "42", "5", "6", "--rating", "4.5", "--time", "881250949",
            ]
            #expect(try await fleet.llara(append).status == 0)
            let shown = try await fleet.llara(["user", "show", "42"])
            #expect(
                shown.output == """
                    User 42: 2 interactions
                    Time (UTC)        Rating  Title   Id
                    1997-12-04 15:55     4.5  Film 5  5
                    1997-12-04 15:55     4.5  Film 6  6

                    """)
            let unasked = try await fleet.llara(["user", "delete", "42"])
            #expect(unasked.status == 65)
            #expect(unasked.errors.contains("say --yes"))
            let declined = try await llaraOnTerminal(
                ["user", "delete", "42"], environment: fleet.environment, typing: "n\n")
            #expect(declined.status == 65)
            #expect(declined.screen.contains("Forget user 42 and all interactions? [y/N] "))
            #expect(try await fleet.llara(["user", "show", "42"]).status == 0)
            let agreed = try await llaraOnTerminal(
                ["user", "delete", "42"], environment: fleet.environment, typing: "y\n")
            #expect(agreed.status == 0, "\(agreed.screen)")
            #expect(try await fleet.llara(["user", "show", "42"]).status == 66)
        }
    }

    @Test("the active release is listed, activated, and rolled back to")
    func releases() async throws {
        try await ServiceFleet.run { fleet in
            let list = try await fleet.llara(["release", "list", "--json"]).json()
            let releases = try #require(list["releases"] as? [[String: Any]])
            #expect(releases.map { $0["name"] as? String } == ["movielens-100k"])
            #expect(releases.map { $0["active"] as? Bool } == [true])
            let again = try await fleet.llara(["release", "activate", "movielens-100k", "--json"])
            #expect(try again.json()["active"] as? String == "movielens-100k", "\(again)")
            let unknown = try await fleet.llara(["release", "activate", "none"])
            #expect(unknown.status == 66)
            #expect(unknown.errors.contains("release list"), "\(unknown.errors)")
            let back = try await fleet.llara(["release", "rollback"])
            #expect(back.status == 65, "\(back)")
        }
    }
}
