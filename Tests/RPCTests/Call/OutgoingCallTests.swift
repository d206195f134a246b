import Testing

@testable import RPC

@Suite("Outgoing call")
struct OutgoingCallTests {
    private let now = ContinuousClock.now

    private func call(
        _ options: CallOptions, parent: CallContext? = nil
    ) throws -> OutgoingCall {
        try CallContext.$current.withValue(parent) {
            try OutgoingCall(testMethod("A"), options: options, limits: .defaults, now: now)
        }
    }

    @Test("without timeout and parent there is no deadline")
    func noDeadline() throws {
        #expect(try call(.defaults).deadline == nil)
    }

    @Test("the earlier of timeout and parent's deadline counts")
    func earlierDeadline() throws {
        let parent = CallContext(
            method: testMethod("P"), deadline: now.advanced(by: .seconds(5)))
        #expect(try call(.defaults, parent: parent).deadline == parent.deadline)
        let shorter = try call(CallOptions(timeout: .seconds(1)), parent: parent)
        #expect(shorter.deadline == now.advanced(by: .seconds(1)))
        let longer = try call(CallOptions(timeout: .seconds(9)), parent: parent)
        #expect(longer.deadline == parent.deadline)
    }

    @Test("the parent's trace id is carried on unless the options bring one")
    func traceID() throws {
        let parent = CallContext(method: testMethod("P"))
        let header = try call(.defaults, parent: parent).metadata.text("traceparent")
        #expect(header.flatMap(TraceContext.traceID(fromHeader:)) == parent.traceID)
        var metadata = Metadata()
        metadata.add(
            text: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", for: "traceparent")
        let own = try call(CallOptions(metadata: metadata), parent: parent)
        #expect(own.metadata == metadata)
    }

    @Test("a deadline that has come is exceeded, one later is not")
    func passed() throws {
        #expect(throws: RPCError.self) { try call(CallOptions(timeout: .zero)) }
        #expect(try call(CallOptions(timeout: .nanoseconds(1))).deadline != nil)
    }

    @Test("names are judged at and beyond their longest")
    func names() throws {
        let longest = RPCMethod(service: String(repeating: "s", count: 255), name: "n")
        _ = try OutgoingCall(longest, options: .defaults, limits: .defaults)
        for method in [
            RPCMethod(service: String(repeating: "s", count: 256), name: "n"),
            RPCMethod(service: "s", name: ""), RPCMethod(service: "s/t", name: "n"),
        ] {
            #expect(throws: RPCError.self) {
                try OutgoingCall(method, options: .defaults, limits: .defaults)
            }
        }
    }

    @Test("remaining time is whole microseconds, at least one")
    func remaining() throws {
        let call = try call(CallOptions(timeout: .milliseconds(2)))
        #expect(call.remainingMicroseconds(now: now) == 2000)
        #expect(call.remainingMicroseconds(now: now.advanced(by: .seconds(3))) == 1)
    }
}
