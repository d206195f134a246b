import Testing
import TrainingCore

@Suite("Movie titles")
struct MovieTitleTests {
    @Test(
        "an English article at the end of the main title comes first, others stay",
        arguments: [
            ("Lion King, The", "The Lion King"),
            ("Bronx Tale, A", "A Bronx Tale"),
            ("Affair to Remember, An", "An Affair to Remember"),
            ("Blue Angel, The (Blaue Engel, Der)", "The Blue Angel (Blaue Engel, Der)"),
            (
                "Double vie de Véronique, La (Double Life of Veronique, The)",
                "Double vie de Véronique, La (Double Life of Veronique, The)"
            ),
            ("Die xue shuang xiong (Killer, The)", "Die xue shuang xiong (Killer, The)"),
            ("Postino, Il", "Postino, Il"),
            ("Paris, Texas", "Paris, Texas"),
            ("I, Worst of All (Yo, la peor de todas)", "I, Worst of All (Yo, la peor de todas)"),
            ("Kiss Me, Andrew", "Kiss Me, Andrew"),
            (", The", ", The"),
            ("  Toy Story ", "Toy Story"),
            ("unkonwn", "unkonwn"),
            ("(1995)", "(1995)"),
        ])
    func articles(_ raw: String, _ cleaned: String) {
        #expect(MovieTitle(raw: raw).text == cleaned)
    }

    @Test("a year in brackets at the end is taken off and kept beside the title")
    func year() {
        let title = MovieTitle(raw: "Land Before Time III: The Time of the Great Giving (1995)")
        #expect(title.text == "Land Before Time III: The Time of the Great Giving")
        #expect(title.year == 1995)
        #expect(MovieTitle(raw: "Lion King, The (1994)").text == "The Lion King")
        #expect(MovieTitle(raw: "Nikita (La Femme)").year == nil)
    }

    @Test("item rows without id or title, and a second row of an item, are refused")
    func malformedItems() {
        let header = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        for rows in ["\tA\t1\tx\n", "1\t\t1\tx\n", "1\tA\t1\tx\n1\tB\t1\tx\n"] {
            let error = #expect(throws: DataError.self) {
                try MovieLensItem.parse(Array((header + rows).utf8), source: "a.item")
            }
            #expect(error?.line == 1 + rows.utf8.count { $0 == 0x0A })
        }
    }

    @Test("MovieLens-100K gives 1,682 items with the year of each but one")
    func realItems() throws {
        let items = try MovieLens.items()
        #expect(items.count == 1_682)
        #expect(items[0].title == "Toy Story")
        #expect(items[0].year == 1995)
        #expect(items[0].genres == ["Animation", "Children's", "Comedy"])
        #expect(items[266].title == "unkonwn")
        #expect(items.filter { $0.year == nil }.map(\.id) == ["267"])
        #expect(items.allSatisfy { !$0.title.hasSuffix(", The") && !$0.title.hasSuffix(")1") })
        #expect(items.first { $0.id == "1412" }?.year == 1995)
    }
}
