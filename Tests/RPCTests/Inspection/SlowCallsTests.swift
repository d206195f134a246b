import Testing

@testable import RPC

@Suite("Slow calls")
struct SlowCallsTests {
    private let now = ContinuousClock.now

    private func call(_ milliseconds: Int, endingAfter seconds: Int = 0) -> EndedCall {
        EndedCall(
            method: testMethod("A"), peer: "p", traceID: "\(milliseconds)",
            duration: .milliseconds(milliseconds), code: .ok,
            end: now.advanced(by: .seconds(seconds)))
    }

    @Test("the slowest are kept, slowest first, whatever came last")
    func slowest() {
        var calls = SlowCalls()
        for milliseconds in 1...250 { calls.note(call(milliseconds * 37 % 251)) }
        let kept = calls.recent(now: now).map { Int($0.duration / .milliseconds(1)) }
        #expect(kept == Array((151...250).reversed()))
    }

    @Test("a call faster than all of a full list is not kept")
    func fast() {
        var calls = SlowCalls()
        for milliseconds in 2...SlowCalls.limit {
            #expect(calls.keeps(.zero, now: now))
            calls.note(call(milliseconds))
        }
        calls.note(call(1))
        #expect(!calls.keeps(.milliseconds(1), now: now))
        #expect(calls.keeps(.milliseconds(2), now: now))
    }

    @Test("a call of more than the window ago makes room for any other")
    func window() {
        var calls = SlowCalls()
        for milliseconds in 1...SlowCalls.limit { calls.note(call(1_000 + milliseconds)) }
        #expect(!calls.keeps(.milliseconds(1), now: now.advanced(by: SlowCalls.window)))
        let later = now.advanced(by: SlowCalls.window + .milliseconds(1))
        #expect(calls.keeps(.milliseconds(1), now: later))
        calls.note(call(1, endingAfter: 601))
        #expect(calls.recent(now: later).map(\.duration) == [.milliseconds(1)])
    }
}
