import Testing

@testable import GatewayCore

@Suite("Candidates in the recommender's order")
struct CandidateRankingTests {
    func known(_ id: String, _ score: Double) -> Candidate {
        Candidate(id: id, title: id, year: nil, srs: score, notInRelease: false)
    }

    func fresh(_ id: String) -> Candidate {
        Candidate(id: id, title: id, year: nil, srs: nil, notInRelease: true)
    }

    @Test("are best first, ties by id")
    func order() {
        let ids = CandidateRanking.ordered([known("b", 1), known("a", 1), known("c", 2)]).map(\.id)
        #expect(ids == ["c", "a", "b"])
    }

    @Test("give a fresh item the median score and a place of their own number")
    func joined() {
        let joined = CandidateRanking.joined(
            retrieved: [known("a", 5), known("b", 3), known("c", 1), known("d", 0)],
            fresh: [fresh("new")], count: 4)
        #expect(joined.map(\.id) == ["a", "b", "new", "c"])
        #expect(joined.first { $0.id == "new" }?.srs == 3)
    }

    @Test("never pass the number wanted, whatever is fresh")
    func count() {
        let joined = CandidateRanking.joined(
            retrieved: [known("a", 5)], fresh: ["x", "y", "z"].map(fresh), count: 2)
        #expect(joined.map(\.id) == ["x", "y"])
        #expect(CandidateRanking.joined(retrieved: [], fresh: [], count: 5).isEmpty)
    }

    @Test("hold an item once that is both retrieved and fresh")
    func twice() {
        let joined = CandidateRanking.joined(
            retrieved: [known("a", 5)], fresh: [fresh("a")], count: 2)
        #expect(joined == [known("a", 5)])
    }
}

@Suite("The pages of the encoder's order")
struct RetrievalPagesTests {
    @Test("grow fourfold up to a call's limit and end with the release")
    func pages() {
        var pages = RetrievalPages(wanted: 20, itemCount: 2_500)
        var read: [RetrievalPages.Page] = []
        while let page = pages.next() { read.append(page) }
        #expect(read.map(\.count) == [40, 160, 640, 900, 900])
        #expect(read.map(\.offset) == [0, 40, 200, 840, 1_740])
    }

    @Test("are one when the release is small")
    func small() {
        var pages = RetrievalPages(wanted: 20, itemCount: 40)
        #expect(pages.next() != nil)
        #expect(pages.next() == nil)
    }
}
