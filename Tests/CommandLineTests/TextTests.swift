import Testing
import Wire

@testable import llara

@Suite("Text for a terminal")
struct TextTests {
    @Test(
        "widths are those of a terminal",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("中文", 4), ("🎬", 2), ("ﾊ", 1),
            ("👩‍👩‍👧", 2), ("한", 2), ("❤️", 2),
        ])
    func widths(_ text: String, _ width: Int) {
        #expect(DisplayText.width(text) == width)
    }

    @Test("control characters never reach the terminal")
    func control() {
        #expect(
            DisplayText.line("a\u{1B}[31mb\nc\td\u{7}\u{202E}e")
                == "a\u{FFFD}[31mb c d\u{FFFD}\u{FFFD}e")
        #expect(DisplayText.line("a\r\nb") == "a b")
    }

    @Test("a text beyond its limit ends with an ellipsis inside it")
    func cut() {
        #expect(DisplayText.cut("abcdef", to: 6) == "abcdef")
        #expect(DisplayText.cut("abcdefg", to: 6) == "abcde…")
        #expect(DisplayText.cut("中文字", to: 4) == "中…")
    }

    @Test("columns are as wide as their widest cell, and lines end without blanks")
    func table() {
        var table = TextTable([.left("Name"), .right("Time (ms)"), .left("Note", limit: 5)])
        table.add(["a", "1.5", "too long"])
        table.add(["long name", "100.25"])
        #expect(
            table.text == """
                Name       Time (ms)  Note
                a                1.5  too …
                long name     100.25
                """)
    }
}

@Suite("Figures for people")
struct FiguresTests {
    @Test(
        "decimals are rounded half away from zero",
        arguments: [
            (1.005, 1, "1.0"), (0.05, 1, "0.1"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"),
            (12.0, 0, "12"), (0.999, 2, "1.00"), (123.456, 3, "123.456"), (.nan, 2, "nan"),
        ])
    func decimals(_ value: Double, _ digits: Int, _ text: String) {
        #expect(Figures.decimal(value, digits) == text)
    }

    @Test(
        "times are dates in UTC",
        arguments: [
            (1, "1970-01-01 00:00"), (951_782_400, "2000-02-29 00:00"),
            (1_709_251_199, "2024-02-29 23:59"), (4_102_444_800, "2100-01-01 00:00"),
            (-1, "1969-12-31 23:59"), (0, "-"), (.max, "-"),
        ] as [(Int64, String)])
    func times(_ seconds: Int64, _ text: String) {
        #expect(Figures.time(seconds) == text)
    }

    @Test("a progress bar waits two seconds, then shows share, rows, rate and time left")
    func progress() {
        let bar = ProgressBar(label: "items", total: 1_000)
        #expect(bar.line(done: 500, rows: 5, elapsed: .milliseconds(1_999)) == nil)
        #expect(
            bar.line(done: 250, rows: 90_000, elapsed: .seconds(30))
                == "items [#####...............] 25 %, 90000 rows, 3000 rows/s, 1 min 30 s left")
        #expect(
            bar.line(done: 0, rows: 0, elapsed: .seconds(3))?.hasSuffix("time left unknown") == true
        )
        #expect(bar.line(done: 1_000, rows: 9, elapsed: .seconds(3))?.hasSuffix("done") == true)
        let unsized = ProgressBar(label: "items", total: nil)
        #expect(
            unsized.line(done: 9, rows: 30, elapsed: .seconds(3)) == "items 30 rows, 10 rows/s")
        #expect(
            ProgressBar(label: "none", total: 0).line(done: 0, rows: 0, elapsed: .seconds(9)) == nil
        )
    }

    @Test("an import's rates are in the table, its figures in the JSON")
    func importSummary() {
        let rendering = ImportRendering(
            tables: [
                .init(
                    name: "items", rows: 1_682, changed: 1_682, rejected: 0,
                    time: .milliseconds(500)),
                .init(
                    name: "interactions", rows: 100_000, changed: 0, rejected: 7,
                    time: .seconds(2)),
            ], version: 3, isDryRun: false)
        #expect(
            rendering.text() == """
                Table           Rows  Changed  Rejected  Time (s)  Rows/s
                items           1682     1682         0      0.50    3364
                interactions  100000        0         7      2.00   50000
                Catalog version 3
                """)
        #expect(
            rendering.json.text()
                == #"{"items":{"rows":1682,"changed":1682,"rejected":0,"seconds":0.5},"#
                + #""interactions":{"rows":100000,"changed":0,"rejected":7,"seconds":2},"#
                + #""catalog_version":3,"dry_run":false}"#)
    }
}
