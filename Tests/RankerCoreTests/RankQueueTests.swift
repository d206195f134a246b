import RankerCore
import Testing

@Suite("Queue of rankings")
struct RankQueueTests {
    @Test("first come, first served, one at a time")
    func order() {
        var queue = RankQueue<String>(maximumWaitingTokens: 100)
        let admissions = [queue.submit("a", tokens: 10), queue.submit("b", tokens: 10)]
        #expect(admissions == [.accepted, .accepted])
        let first = queue.takeNext()
        #expect(first == "a")
        #expect(queue.running == "a")
        #expect(queue.waitingTokens == 10)
        queue.finish()
        let second = queue.takeNext()
        #expect(second == "b")
        queue.finish()
        let none = queue.takeNext()
        #expect(none == nil)
        #expect(queue.isIdle)
    }

    @Test("the waiting tokens may reach the bound and not pass it")
    func bound() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 100)
        var admissions = [
            queue.submit(1, tokens: 60), queue.submit(2, tokens: 40), queue.submit(3, tokens: 1),
        ]
        #expect(admissions == [.accepted, .accepted, .refused(waitingTokens: 100)])
        let running = queue.takeNext()
        #expect(running == 1)
        admissions = [queue.submit(4, tokens: 60), queue.submit(5, tokens: 1)]
        #expect(admissions == [.accepted, .refused(waitingTokens: 100)])
    }

    @Test("a request larger than the bound is taken when nobody waits")
    func largeRequest() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 10)
        let admissions = [queue.submit(1, tokens: 50), queue.submit(2, tokens: 1)]
        #expect(admissions == [.accepted, .refused(waitingTokens: 50)])
    }

    @Test("who leaves makes room; who runs or is over cannot leave")
    func leaving() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 10)
        _ = queue.submit(1, tokens: 4)
        _ = queue.takeNext()
        _ = queue.submit(2, tokens: 6)
        _ = queue.submit(3, tokens: 4)
        let left = [queue.leave(2), queue.leave(2), queue.leave(1)]
        #expect(left == [true, false, false])
        #expect(queue.waitingTokens == 4)
        #expect(queue.waitingCount == 1)
    }

    @Test("a closed queue gives back who waited and takes nobody")
    func closing() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 10)
        _ = queue.submit(1, tokens: 1)
        _ = queue.submit(2, tokens: 1)
        _ = queue.takeNext()
        let waiters = queue.close()
        #expect(waiters == [2])
        let admission = queue.submit(3, tokens: 1)
        #expect(admission == .closed)
        #expect(queue.waitingTokens == 0)
        #expect(queue.running == 1)
    }
}
