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
        for number: UInt8 in 0..<3 { #expect(queue.push(message(number), bytes: 1)) }
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
        #expect(queue.push(message(1), bytes: 1))
        #expect(status(await queue.next()) == .ok)
    }

    @Test("an end that discards drops what is unread, and its bytes")
    func discarding() async {
        let ledger = UnreadLedger(limit: 100) {}
        let queue = MessageQueue(capacity: 2, ledger: ledger)
        _ = queue.push(message(1), bytes: 60)
        #expect(ledger.bytes == 60)
        queue.finish(.status(RPCStatus(code: .cancelled, message: "")), discarding: true)
        #expect(ledger.bytes == 0)
        #expect(status(await queue.next())?.code == .cancelled)
    }

    @Test("a full queue takes no more until something is read")
    func full() async {
        let queue = MessageQueue(capacity: 2)
        #expect(queue.push(message(1), bytes: 1))
        #expect(queue.push(message(2), bytes: 1))
        #expect(!queue.push(message(3), bytes: 1))
        _ = await queue.next()
        #expect(queue.push(message(3), bytes: 1))
    }

    @Test("a writer waits for room and goes on when there is some")
    func writerWaits() async throws {
        let queue = MessageQueue(capacity: 1)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number: UInt8 in 0..<100 {
                    try await queue.pushWaiting(RPCMessage(body: [number]), bytes: 1)
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
        _ = queue.push(message(1), bytes: 1)
        await withTaskGroup(of: RPCError?.self) { group in
            group.addTask {
                await RPCTests.status {
                    try await queue.pushWaiting(RPCMessage(body: []), bytes: 1)
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
