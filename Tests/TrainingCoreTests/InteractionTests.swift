import Testing
import TrainingCore

@Suite("Interactions")
struct InteractionTests {
    private static let header = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"

    private func read(
        _ text: String, columns: Interaction.Columns = .recBole, known: Set<String> = ["i", "j"],
        rejectsRepetitions: Bool = false
    ) throws -> [Interaction] {
        var none = Rejections()
        return try Interaction.read(
            DataTable(bytes: Array(text.utf8), source: "a"), columns: columns,
            isKnown: known.contains, rejectsRepetitions: rejectsRepetitions, rejections: &none)
    }

    @Test("rows become interactions in the file's order")
    func reads() throws {
        #expect(
            try read(Self.header + "u\ti\t3\t881250949\nv\tj\t4.5\t1e3\n") == [
                Interaction(userID: "u", itemID: "i", rating: 3, timeSeconds: 881_250_949),
                Interaction(userID: "v", itemID: "j", rating: 4.5, timeSeconds: 1_000),
            ])
    }

    @Test("columns may stand in another order, and further ones are passed over")
    func otherOrder() throws {
        let text =
            "x:float\ttimestamp:float\trating:float\titem_id:token\tuser_id:token\n0\t5\t2\ti\tu\n"
        #expect(
            try read(text)
                == [Interaction(userID: "u", itemID: "i", rating: 2, timeSeconds: 5)])
    }

    @Test("rating, time and part may be missing")
    func least() throws {
        #expect(
            try read("user\titem\nu\ti\nu\ti\n", columns: .init(), rejectsRepetitions: true)
                == [Interaction](repeating: Interaction(userID: "u", itemID: "i"), count: 2))
        #expect(
            try read("user\titem\tpart\nu\ti\ttest\n", columns: .init(part: "part"))
                == [Interaction(userID: "u", itemID: "i", part: .test)])
    }

    @Test(
        "a malformed row is refused with its line and without its ids",
        arguments: [
            "\ti\t3\t5", "u\t\t3\t5", "u\ti\tgood\t5", "u\ti\tnan\t5", "u\ti\tinf\t5",
            "u\ti\t3\tnoon", "u\ti\t3\t-1", "u\ti\t3\t9007199254740993", "u\ti\t3\tinf",
            "secret\tz\t3\t5", "u\u{7}\ti\t3\t5", "u\ti\t3\t",
            "e\u{301}\ti\t3\t5",
        ])
    func malformed(_ row: String) {
        let text = Self.header + "a\ti\t1\t9007199254740992\n" + row + "\n"
        let error = #expect(throws: DataError.self) { try read(text) }
        #expect(error?.line == 3)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("a user in two parts, an unknown part and a repetition are refused")
    func contradictions() {
        let parts = Interaction.Columns(part: "part")
        for rows in ["u\ti\ttrain\nu\tj\ttest\n", "u\ti\ttrain\nv\tj\ttraining\n"] {
            #expect(throws: DataError.self) {
                try read("user\titem\tpart\n" + rows, columns: parts)
            }
        }
        let error = #expect(throws: DataError.self) {
            try read(Self.header + "u\ti\t3\t5\nu\ti\t4\t5\n", rejectsRepetitions: true)
        }
        #expect(error?.line == 3)
    }

    @Test("a file without one of the columns is refused and says which there are")
    func missingColumn() {
        let error = #expect(throws: DataError.self) { try read("user_id:token\titem_id:token\n") }
        #expect(error?.message == "no column rating; there are user_id, item_id")
    }

    @Test("an id may be as long as the limit and no longer")
    func idLimit() throws {
        let longest = String(repeating: "u", count: DataLimits.maximumIDBytes)
        #expect(try read("user\titem\n\(longest)\ti\n", columns: .init()).count == 1)
        #expect(throws: DataError.self) {
            try read("user\titem\n\(longest)u\ti\n", columns: .init())
        }
    }
}
