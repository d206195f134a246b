import RankerCore
import Testing

@Suite("Queue of rankings")
struct RankQueueTests {
    @Test("first come, first served")
    func order() {
        var queue = RankQueue<String>(maximumWaitingTokens: 100, maximumWaiters: 8)
        let admissions = [queue.submit("a", tokens: 10), queue.submit("b", tokens: 10)]
        #expect(admissions == [.accepted, .accepted])
        #expect(queue.first == "a")
        let first = queue.takeFirst()
        #expect(first == "a")
        #expect(queue.waitingTokens == 10)
        let second = queue.takeFirst()
        #expect(second == "b")
        let none = queue.takeFirst()
        #expect(none == nil)
        #expect(queue.waitingTokens == 0)
    }

    @Test("the waiting tokens may reach the bound and not pass it")
    func bound() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 100, maximumWaiters: 8)
        var admissions = [
            queue.submit(1, tokens: 60), queue.submit(2, tokens: 40), queue.submit(3, tokens: 1),
        ]
        #expect(
            admissions
                == [.accepted, .accepted, .refused(waitingCount: 2, waitingTokens: 100)])
        let running = queue.takeFirst()
        #expect(running == 1)
        admissions = [queue.submit(4, tokens: 60), queue.submit(5, tokens: 1)]
        #expect(admissions == [.accepted, .refused(waitingCount: 2, waitingTokens: 100)])
    }

    @Test("a request larger than the bound is taken when nobody waits")
    func largeRequest() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 10, maximumWaiters: 8)
        let admissions = [queue.submit(1, tokens: 50), queue.submit(2, tokens: 1)]
        #expect(admissions == [.accepted, .refused(waitingCount: 1, waitingTokens: 50)])
    }

    @Test("as many requests as may wait are taken, however small, and one more is refused")
    func waiters() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 100, maximumWaiters: 3)
        for id in 0..<3 {
            #expect(queue.admission(tokens: 1) == .accepted)
            _ = queue.submit(id, tokens: 1)
        }
        let refused = queue.submit(3, tokens: 1)
        #expect(refused == .refused(waitingCount: 3, waitingTokens: 3))
        #expect(queue.admission(tokens: 1) == refused)
        _ = queue.leave(1)
        let admission = queue.submit(4, tokens: 1)
        #expect(admission == .accepted)
    }

    @Test("who leaves makes room; who does not wait cannot leave")
    func leaving() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 10, maximumWaiters: 8)
        _ = queue.submit(1, tokens: 4)
        _ = queue.takeFirst()
        _ = queue.submit(2, tokens: 6)
        _ = queue.submit(3, tokens: 4)
        let left = [queue.leave(2), queue.leave(2), queue.leave(1)]
        #expect(left == [true, false, false])
        #expect(queue.waitingTokens == 4)
        #expect(queue.waitingCount == 1)
    }

    @Test("a closed queue gives back who waited and takes nobody")
    func closing() {
        var queue = RankQueue<Int>(maximumWaitingTokens: 10, maximumWaiters: 8)
        _ = queue.submit(1, tokens: 1)
        _ = queue.submit(2, tokens: 1)
        _ = queue.takeFirst()
        let waiters = queue.close()
        #expect(waiters == [2])
        let admission = queue.submit(3, tokens: 1)
        #expect(admission == .closed)
        #expect(queue.waitingTokens == 0)
    }
}
