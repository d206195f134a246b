import Synchronization
import Testing

@testable import RPC

@Suite("Message queue", .timeLimit(.minutes(1)))
struct MessageQueueTests {
    private func message(_ number: UInt8) -> RPCMessage { RPCMessage(body: [number]) }

    private func body(_ delivery: MessageQueue.Delivery) -> [UInt8]? {
        if case .message(let message) = delivery { message.body } else { nil }
    }

    private func status(_ delivery: MessageQueue.Delivery) -> RPCStatus? {
        if case .end(let status) = delivery { status } else { nil }
    }

    @Test("messages come in order, then the end, again and again")
    func order() async {
        let queue = MessageQueue(capacity: 4)
        for number: UInt8 in 0..<3 { #expect(!queue.push(message(number), .none)) }
        queue.finish(.status(.ok))
        for number: UInt8 in 0..<3 { #expect(body(await queue.next()) == [number]) }
        #expect(status(await queue.next()) == .ok)
        #expect(status(await queue.next()) == .ok)
    }

    @Test("the first end wins")
    func firstEndWins() async {
        let queue = MessageQueue(capacity: 1)
        let lost = RPCStatus(code: .unavailable, message: "lost")
        #expect(queue.finish(.status(lost)))
        #expect(!queue.finish(.status(.ok)))
        #expect(status(await queue.next()) == lost)
    }

    @Test("a message after the end is dropped")
    func afterTheEnd() async {
        let queue = MessageQueue(capacity: 1)
        queue.finish(.status(.ok))
        #expect(queue.push(message(1), .none), "as good as read")
        #expect(status(await queue.next()) == .ok)
    }

    @Test("an end that discards drops what is unread")
    func discarding() async {
        let queue = MessageQueue(capacity: 2)
        _ = queue.push(message(1), .none)
        queue.finish(.status(RPCStatus(code: .cancelled, message: "")), discarding: true)
        #expect(status(await queue.next())?.code == .cancelled)
    }

    private let ten = Consumption(messages: 1, windowBytes: 10, contentBytes: 10)

    @Test("what is read is reported when it is much, and when the reader waits for more")
    func reports() async throws {
        let reports = Mutex(0)
        let queue = MessageQueue(reportBytes: 20) { reports.withLock { $0 += 1 } }
        for number: UInt8 in 0..<4 { #expect(!queue.push(message(number), ten)) }
        _ = await queue.next()
        #expect(reports.withLock { $0 } == 0)
        _ = await queue.next()
        _ = await queue.next()
        #expect(reports.withLock { $0 } == 1, "once, until it is taken")
        #expect(
            queue.takeConsumed()
                == Consumption(messages: 3, windowBytes: 30, contentBytes: 30))
        #expect(queue.takeConsumed() == .none)
        _ = await queue.next()
        #expect(reports.withLock { $0 } == 1)
        let waiting = Task { await queue.next() }
        while reports.withLock({ $0 }) == 1 { await Task.yield() }
        #expect(queue.push(message(4), ten), "handed over, so that it is read at once")
        #expect(body(await waiting.value) == [4])
        #expect(queue.takeConsumed() == ten)
    }

    @Test("asked to be prompt, the next message read is reported, however small")
    func promptReports() async {
        let reports = Mutex(0)
        let queue = MessageQueue(reportBytes: 1_000) { reports.withLock { $0 += 1 } }
        for number: UInt8 in 0..<2 { _ = queue.push(message(number), ten) }
        _ = await queue.next()
        #expect(queue.takeConsumed(promptly: true) == ten && reports.withLock { $0 } == 0)
        _ = await queue.next()
        #expect(reports.withLock { $0 } == 1)
    }

    @Test("a writer waits for room and goes on when there is some")
    func writerWaits() async throws {
        let queue = MessageQueue(capacity: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number: UInt8 in 0..<100 {
                    try await queue.pushWaiting(RPCMessage(body: [number]))
                }
                queue.finish(.status(.ok))
            }
            for number: UInt8 in 0..<100 { #expect(body(await queue.next()) == [number]) }
            #expect(status(await queue.next()) == .ok)
            try await group.waitForAll()
        }
    }

    @Test("a waiting writer learns how the call ended")
    func writerLearnsTheEnd() async throws {
        let queue = MessageQueue(capacity: 1)
        _ = queue.push(message(1), .none)
        await withTaskGroup(of: RPCError?.self) { group in
            group.addTask {
                await RPCTests.status {
                    try await queue.pushWaiting(RPCMessage(body: []))
                }
            }
            queue.finish(.status(RPCStatus(code: .aborted, message: "")))
            #expect(await group.next()??.code == .aborted)
        }
    }

    @Test("a refusal is an end like any other")
    func refusal() async {
        let queue = MessageQueue(capacity: 1)
        queue.finish(.refused(RPCError(code: .unavailable, message: "")))
        guard case .refused = await queue.next() else {
            Issue.record("no refusal")
            return
        }
        queue.finish(.status(.ok))
        guard case .refused = await queue.next() else {
            Issue.record("the first end did not win")
            return
        }
    }
}
