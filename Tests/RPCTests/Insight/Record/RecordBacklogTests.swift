import Testing

@testable import RPC

@Suite("Memory of a recorder")
struct RecordBacklogTests {
    @Test("is taken up to its limit, and free again when a call is done")
    func limit() {
        var backlog = RecordBacklog(limit: 10)
        let fits = backlog.take(10)
        let beyond = backlog.take(1)
        #expect(fits && !beyond)
        backlog.done(4, .written)
        let again = backlog.take(4)
        #expect(again && backlog.heldBytes == 10)
        backlog.done(10, .dropped)
        backlog.done(0, .tooLarge)
        backlog.done(0, .unwritten)
        let counts = backlog.counts
        #expect(counts.written == 1 && counts.dropped == 1)
        #expect(counts.tooLarge == 1 && counts.unwritten == 1)
    }
}
