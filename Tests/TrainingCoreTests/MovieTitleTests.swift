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
}
