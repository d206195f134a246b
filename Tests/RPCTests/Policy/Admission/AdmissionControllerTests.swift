import Testing

@testable import RPC

@Suite("Admission")
struct AdmissionControllerTests {
    typealias Controller = AdmissionController<Int>

    private func controller(
        _ concurrency: Int = 2, waiting: Int = 1_000, wait: Duration = .seconds(1)
    ) -> Controller {
        var configuration = AdmissionConfiguration.defaults
        configuration.concurrency = .fixed(concurrency)
        configuration.waitingCalls = waiting
        configuration.maximumWait = wait
        return Controller(configuration, now: start)
    }

    /// A controller that knows that calls take 10 ms, give or take nothing.
    private func experienced(_ concurrency: Int = 2, wait: Duration = .seconds(1)) -> Controller {
        var controller = controller(concurrency, wait: wait)
        for _ in 0..<100 {
            _ = controller.arrived(-1, deadline: nil, now: start)
            _ = controller.ended(started: start - .milliseconds(10), isSuccess: true, now: start)
        }
        return controller
    }

    private func arrive(
        _ calls: Range<Int>, _ controller: inout Controller, in time: Duration? = nil
    ) -> [Controller.Decision] {
        calls.map { controller.arrived($0, deadline: time.map { start + $0 }, now: start) }
    }

    private func isRefused(_ decision: Controller.Decision) -> Bool {
        if case .refuse = decision { true } else { false }
    }

    @Test("as many run as the limit says, the next wait and have their turns in order")
    func order() {
        var controller = controller()
        #expect(arrive(0..<5, &controller) == [.start, .start, .wait, .wait, .wait])
        for next in 2..<5 {
            #expect(
                controller.ended(started: start, isSuccess: true, now: start) == [.start(next)])
        }
        #expect(controller.ended(started: start, isSuccess: true, now: start) == [])
        #expect(controller.running == 1)
        #expect(arrive(5..<7, &controller) == [.start, .wait])
    }

    @Test("as many wait as allowed, one more is refused with the way out")
    func waitingCalls() {
        var controller = controller(1, waiting: 2)
        let decisions = arrive(0..<4, &controller)
        #expect(decisions.prefix(3) == [.start, .wait, .wait])
        guard case .refuse(let refusal) = decisions[3] else {
            Issue.record("taken")
            return
        }
        #expect(refusal.reason == "2 calls of this method wait (waitingCalls); try later")
        #expect(refusal.retryAfter == .milliseconds(1))
    }

    @Test("a call that would wait longer than allowed is refused, the one before is not")
    func maximumWait() {
        var controller = experienced(2, wait: .milliseconds(50))
        let decisions = arrive(0..<20, &controller)
        // 2 run; the 10th that waits expects 10 x 10 ms / 2.
        #expect(decisions.filter { $0 == .start }.count == 2)
        #expect(decisions.filter { $0 == .wait }.count == 10)
        #expect(decisions.dropFirst(12).allSatisfy(isRefused))
        guard case .refuse(let refusal) = decisions[12] else { return }
        #expect(refusal.retryAfter == .milliseconds(55))
    }

    @Test("a call waits for at most half of what it has to spare, and is else refused at once")
    func deadline() {
        var controller = experienced()
        let decisions = arrive(0..<20, &controller, in: .milliseconds(51))
        // 51 ms less 10 ms of work: 20 ms to wait, four calls' worth.
        #expect(decisions.filter { $0 == .wait }.count == 4)
        #expect(decisions.dropFirst(6).allSatisfy(isRefused))
        // One with more time goes behind those.
        #expect(arrive(20..<21, &controller, in: .seconds(1)) == [.wait])
    }

    @Test("a call whose time is over, or too short for the work, is refused though there is room")
    func tooShort() {
        var controller = experienced()
        #expect(isRefused(arrive(0..<1, &controller, in: .zero)[0]))
        #expect(arrive(1..<2, &controller, in: .milliseconds(5)) == [.start])
        #expect(isRefused(arrive(2..<3, &controller, in: .milliseconds(9))[0]))
        #expect(arrive(3..<4, &controller, in: .milliseconds(11)) == [.start])
    }

    @Test("a call is tried where it will probably end in time, but does not wait on such terms")
    func probable() {
        var controller = controller(2)
        for call in 0..<100 {
            _ = controller.arrived(-1, deadline: nil, now: start)
            let time = Duration.milliseconds(call.isMultiple(of: 2) ? 1 : 19)
            _ = controller.ended(started: start - time, isSuccess: true, now: start)
        }
        // 11 ms on average, seldom more than 30 ms; one that waits needs 41 ms.
        #expect(arrive(0..<2, &controller, in: .milliseconds(15)) == [.start, .start])
        #expect(isRefused(arrive(2..<3, &controller, in: .milliseconds(30))[0]))
        #expect(arrive(3..<4, &controller, in: .milliseconds(60)) == [.wait])
    }

    @Test("an estimate that is out of date is corrected by the next call")
    func outOfDate() {
        var controller = experienced(1)
        for _ in 0..<100 {
            // Too short for 10 ms, but nothing else is at work.
            #expect(arrive(0..<1, &controller, in: .milliseconds(5)) == [.start])
            _ = controller.ended(started: start - .milliseconds(1), isSuccess: true, now: start)
        }
        #expect(arrive(0..<2, &controller, in: .milliseconds(5)) == [.start, .wait])
    }

    @Test("a call that gives up leaves the queue, and cannot leave it twice")
    func abandoned() {
        var controller = controller(1)
        _ = arrive(0..<4, &controller)
        #expect(controller.abandoned(2) == true)
        #expect(controller.abandoned(2) == false)
        #expect(controller.abandoned(0) == false)
        #expect(controller.ended(started: start, isSuccess: false, now: start) == [.start(1)])
        #expect(controller.ended(started: start, isSuccess: false, now: start) == [.start(3)])
        #expect(controller.waitingCalls == 0)
    }

    @Test("a turn that comes too late is a refusal, and the next call has it")
    func lateTurn() {
        var controller = experienced()
        _ = arrive(0..<3, &controller, in: .milliseconds(30))
        _ = arrive(3..<4, &controller)
        let now = start + .milliseconds(25)
        let turns = controller.ended(started: start, isSuccess: true, now: now)
        guard case .refuse(2, _)? = turns.first else {
            Issue.record("\(turns)")
            return
        }
        #expect(turns.dropFirst() == [.start(3)])
    }

    @Test("what fails early does not change the estimate")
    func earlyFailures() {
        var controller = experienced(1)
        for _ in 0..<100 {
            _ = controller.arrived(0, deadline: nil, now: start)
            _ = controller.ended(started: start - .milliseconds(1), isSuccess: false, now: start)
        }
        _ = arrive(0..<2, &controller)
        #expect(controller.expectedWait == .milliseconds(20))
    }

    @Test("handlers that are stopped at their deadlines make the next calls be refused, not stuck")
    func stopped() {
        var controller = experienced(1)
        for _ in 0..<40 {
            _ = arrive(0..<1, &controller, in: .milliseconds(100))
            _ = controller.ended(started: start - .milliseconds(100), isSuccess: false, now: start)
        }
        let decisions = arrive(0..<2, &controller, in: .milliseconds(50))
        // The first is tried because nothing else is at work.
        #expect(decisions[0] == .start)
        #expect(isRefused(decisions[1]))
    }
}
