import Testing
import TrainingCore

@Suite("Interaction files")
struct InteractionFileTests {
    private static let header = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"

    @Test("rows become interactions in the file's order")
    func reads() throws {
        let text = Self.header + "u\ti\t3\t881250949\nv\tj\t4.5\t1e3\n"
        let read = try Interaction.parse(Array(text.utf8), source: "a")
        #expect(
            read == [
                Interaction(userID: "u", itemID: "i", rating: 3, timeSeconds: 881_250_949),
                Interaction(userID: "v", itemID: "j", rating: 4.5, timeSeconds: 1_000),
            ])
    }

    @Test("columns may stand in another order, and further ones are passed over")
    func otherOrder() throws {
        let text =
            "x:float\ttimestamp:float\trating:float\titem_id:token\tuser_id:token\n0\t5\t2\ti\tu\n"
        let read = try Interaction.parse(Array(text.utf8), source: "a")
        #expect(read == [Interaction(userID: "u", itemID: "i", rating: 2, timeSeconds: 5)])
    }

    @Test(
        "a malformed row is refused with its line and without its ids",
        arguments: [
            "\ti\t3\t5", "u\t\t3\t5", "u\ti\tgood\t5", "u\ti\tnan\t5", "u\ti\tinf\t5",
            "u\ti\t3\tnoon", "u\ti\t3\t-1", "u\ti\t3\t9007199254740993", "u\ti\t3\tinf",
        ])
    func malformed(_ row: String) {
        let text = Self.header + "a\tb\t1\t9007199254740992\n" + row + "\n"
        let error = #expect(throws: DataError.self) {
            try Interaction.parse(Array(text.utf8), source: "a.inter")
        }
        #expect(error?.line == 3)
    }

    @Test("a file without one of the columns is refused and says which there are")
    func missingColumn() {
        let error = #expect(throws: DataError.self) {
            try Interaction.parse(Array("user_id:token\titem_id:token\n".utf8), source: "a")
        }
        #expect(error?.message == "no column rating; there are user_id, item_id")
    }
}
