import Testing
import Wire

@testable import llara

@Suite("Terminals")
struct TerminalTests {
    private let narrow = Terminal(columns: 30, rows: 24)

    @Test("a table gives up the width of what may shrink, and only that")
    func shrinking() {
        var table = TextTable([.left("Id"), .itemTitle, .right("Score")])
        table.add(["identifier", "A title that is much too long for it", "-1.250"])
        #expect(
            table.text(in: narrow) == """
                Id          Title        Score
                identifier  A title t…  -1.250
                """)
        #expect(table.text.contains("A title that is much too long for it"))
    }

    @Test("a fact goes on below itself")
    func facts() {
        let facts = FactList([
            ("Stages", "sequence 2.2 ms, encoder 2.6 ms"), ("None", ""), ("A", "b"),
        ])
        #expect(
            facts.text(in: narrow) == """
                Stages  sequence 2.2 ms,
                        encoder 2.6 ms
                A       b
                """)
        #expect(facts.text() == "Stages  sequence 2.2 ms, encoder 2.6 ms\nA       b")
    }

    @Test("words that are longer than a line are cut, wide letters whole")
    func wrapping() {
        #expect(DisplayText.wrapped("ab cd efghijk", to: 5) == ["ab cd", "efghi", "jk"])
        #expect(DisplayText.wrapped("中文字", to: 5) == ["中文", "字"])
        #expect(DisplayText.wrapped("", to: 5) == [""])
    }

    @Test("colours are written where they are obeyed, and take no room")
    func colours() {
        let colourful = Terminal(columns: 80, rows: 24, hasColour: true)
        #expect(colourful.styled("a", .bold) == "\u{1B}[1ma\u{1B}[0m")
        #expect(Terminal.none.styled("a", .bold) == "a")
        #expect(
            colourful.rowCount(of: "\u{1B}[1m" + String(repeating: "x", count: 80) + "\u{1B}[0m")
                == 1)
        #expect(colourful.rowCount(of: String(repeating: "x", count: 81) + "\n\ny") == 4)
    }

    @Test("a live text takes the place of the one before, unless that has scrolled away")
    func live() {
        var live = LiveText()
        #expect(live.frame("a\nb", in: narrow) == "a\nb\n")
        #expect(live.frame("c", in: narrow) == "\u{1B}[2A\r\u{1B}[Jc\n")
        var tall = LiveText()
        _ = tall.frame(String(repeating: "\n", count: 23), in: narrow)
        #expect(tall.frame("c", in: narrow) == "\nc\n")
    }

    @Test("newlines of a generated text stay, what a terminal would obey does not")
    func generated() {
        #expect(DisplayText.lines("a\u{1B}[2J\nb") == "a\u{FFFD}[2J\nb")
        #expect(Figures.clock(86_400 + 3_661) == "01:01:01")
    }
}
