import Testing

@testable import GatewayCore

@Suite("Titles within one prompt")
struct DistinctTitlesTests {
    @Test("stay as they are when they differ")
    func different() {
        let titles = DistinctTitles.titles([
            .init(id: "1", title: "Alien", year: "1979"),
            .init(id: "2", title: "Aliens", year: nil),
        ])
        #expect(titles == ["1": "Alien", "2": "Aliens"])
    }

    @Test("get their years when those tell them apart")
    func years() {
        let titles = DistinctTitles.titles([
            .init(id: "1", title: "Sabrina", year: "1954"),
            .init(id: "2", title: "Sabrina", year: "1995"),
        ])
        #expect(titles == ["1": "Sabrina (1954)", "2": "Sabrina (1995)"])
    }

    @Test("get their ids when a year is missing or equal", arguments: [nil, "1995"])
    func ids(year: String?) {
        let titles = DistinctTitles.titles([
            .init(id: "1", title: "Ed", year: "1995"), .init(id: "2", title: "Ed", year: year),
        ])
        #expect(titles == ["1": "Ed (1)", "2": "Ed (2)"])
    }

    @Test("differ even when one item's own title is another's with its year")
    func collision() {
        let titles = DistinctTitles.titles([
            .init(id: "1", title: "Ed", year: "1"), .init(id: "2", title: "Ed", year: "2"),
            .init(id: "3", title: "Ed (1)", year: nil),
        ])
        #expect(Set(titles.values).count == 3)
    }

    @Test("of 256 bytes at most with blank and newline, however long titles, years and ids are")
    func long() {
        let limit = RecommendLimits.maximumShownTitleBytes
        let fitting = String(repeating: "é", count: limit / 2)
        let titles = DistinctTitles.titles([
            .init(id: "1", title: fitting, year: nil),
            .init(id: "2", title: "a" + fitting, year: nil),
            .init(id: String(repeating: "x", count: 256), title: fitting + "é", year: "1999"),
            .init(
                id: "4", title: "b" + fitting, year: String(repeating: "9", count: 1_024)),
            .init(id: "5", title: "b" + fitting, year: nil),
        ])
        #expect(Set(titles.values).count == 5)
        #expect(titles["1"] == fitting + " (1)")
        #expect(titles["2"] == "a" + fitting.dropLast())
        #expect(titles["4"] == "b" + fitting.dropLast() + " (4)")
        #expect(titles.values.allSatisfy { $0.utf8.count + 2 <= 256 })
    }

    @Test("never hold a newline, which would end the answer")
    func newline() {
        let titles = DistinctTitles.titles([.init(id: "1", title: "Two\nLines\r\n", year: nil)])
        #expect(titles == ["1": "Two Lines"])
    }
}
