import NIOCore
import Testing

@testable import RPC

@Suite("Server connection state machine")
struct ServerConnectionStateMachineTests {
    typealias Action = ServerConnectionStateMachine.Action

    private func open(_ change: (inout RPCLimits) -> Void = { _ in })
        -> ServerConnectionStateMachine
    {
        var limits = RPCLimits.defaults
        change(&limits)
        var machine = ServerConnectionStateMachine(limits: limits)
        #expect(machine.receive(.preface(version: 1)) == .none)
        #expect(
            machine.receive(.frame(.settings(Settings(.defaults)))) == .opened(Settings(.defaults)))
        return machine
    }

    private let headers = Frame.Headers(method: testMethod("A"), metadata: Metadata())
    private let message = RPCMessage(body: [1, 2, 3])

    private func part(_ message: RPCMessage, endsStream: Bool = true) -> Frame.MessagePart {
        parts(of: message, endsStream: endsStream)[0]
    }

    private func isFailure(_ action: Action) -> Bool {
        if case .fail = action { true } else { false }
    }

    private func rejection(_ action: Action) -> RPCError.Code? {
        if case .reject(_, let status) = action { status.code } else { nil }
    }

    @Test("a unary request starts a call and is delivered as its last message")
    func unary() {
        var machine = open()
        #expect(machine.receive(.frame(.headers(1, headers))) == .startCall(1, headers))
        #expect(
            machine.receive(.frame(.message(1, part(message))))
                == .deliver(1, message, bytes: message.encodedByteCount, isLast: true))
        #expect(machine.isOpen(1))
        #expect(machine.close(1, handlerRuns: false) == true)
        #expect(machine.close(1, handlerRuns: false) == false)
    }

    @Test("a client that streams sends several messages, then an end without one")
    func clientStreaming() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        for _ in 0..<2 {
            #expect(
                machine.receive(.frame(.message(1, part(message, endsStream: false))))
                    == .deliver(1, message, bytes: message.encodedByteCount, isLast: false))
        }
        let end = Frame.MessagePart(bytes: ByteBuffer(), endsStream: true, hasMore: false)
        #expect(machine.receive(.frame(.message(1, end))) == .endRequests(1))
    }

    @Test("a frame before the handshake, or a second handshake, ends the connection")
    func handshakeOrder() {
        var early = ServerConnectionStateMachine(limits: .defaults)
        #expect(isFailure(early.receive(.frame(.ping(1, isAcknowledgement: false)))))
        var noSettings = ServerConnectionStateMachine(limits: .defaults)
        _ = noSettings.receive(.preface(version: 1))
        #expect(isFailure(noSettings.receive(.frame(.headers(1, headers)))))
        var twice = open()
        #expect(isFailure(twice.receive(.frame(.settings(Settings(.defaults))))))
        #expect(twice.receive(.frame(.headers(1, headers))) == .none, "closed is closed")
    }

    @Test("another version is refused by that name")
    func version() {
        var machine = ServerConnectionStateMachine(limits: .defaults)
        guard case .fail(let violation, _) = machine.receive(.preface(version: 2)) else {
            Issue.record("taken")
            return
        }
        #expect(violation.code == .unsupportedVersion)
    }

    @Test("a stream id that is not new, or a message on none, ends the connection with its calls")
    func badStreams() {
        var reused = open()
        _ = reused.receive(.frame(.headers(5, headers)))
        guard case .fail(_, let calls) = reused.receive(.frame(.headers(3, headers))) else {
            Issue.record("taken")
            return
        }
        #expect(calls == [5])
        var none = open()
        #expect(isFailure(none.receive(.frame(.message(1, part(message))))))
        var cancel = open()
        #expect(isFailure(cancel.receive(.frame(.cancel(1, .cancelled)))))
    }

    @Test("what only a server sends ends the connection when a client sends it")
    func wrongDirection() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        #expect(isFailure(machine.receive(.frame(.trailers(1, .ok)))))
    }

    @Test("frames of a call that has ended are dropped")
    func lateFrames() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        _ = machine.close(1, handlerRuns: false)
        #expect(machine.receive(.frame(.message(1, part(message)))) == .none)
        #expect(machine.receive(.frame(.cancel(1, .cancelled))) == .none)
    }

    @Test("CANCEL ends a call once")
    func cancel() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        #expect(machine.receive(.frame(.cancel(1, .cancelled))) == .cancelCall(1, .cancelled))
        #expect(!machine.isOpen(1))
        #expect(machine.receive(.frame(.cancel(1, .cancelled))) == .none)
    }

    @Test("calls are taken up to the limit and refused beyond it")
    func concurrentStreams() {
        var machine = open { $0.concurrentStreams = 2 }
        _ = machine.receive(.frame(.headers(1, headers)))
        _ = machine.receive(.frame(.headers(3, headers)))
        #expect(rejection(machine.receive(.frame(.headers(5, headers)))) == .resourceExhausted)
        _ = machine.close(1, handlerRuns: false)
        #expect(machine.receive(.frame(.headers(7, headers))) == .startCall(7, headers))
    }

    @Test("handlers whose calls were given up count until they return")
    func abandonedHandlers() {
        var machine = open { $0.concurrentStreams = 1 }
        _ = machine.receive(.frame(.headers(1, headers)))
        _ = machine.receive(.frame(.cancel(1, .cancelled)))
        #expect(rejection(machine.receive(.frame(.headers(3, headers)))) == .resourceExhausted)
        machine.handlerReturned(1)
        #expect(machine.receive(.frame(.headers(5, headers))) == .startCall(5, headers))
    }

    @Test("metadata is taken at its limit and refused beyond it, and the connection goes on")
    func metadataLimit() {
        var machine = open { $0.metadataEntries = 1 }
        var one = headers
        one.metadata.add(text: "v", for: "k")
        #expect(machine.receive(.frame(.headers(1, one))) == .startCall(1, one))
        var two = one
        two.metadata.add(text: "v", for: "k")
        #expect(rejection(machine.receive(.frame(.headers(3, two)))) == .resourceExhausted)
        #expect(machine.receive(.frame(.headers(5, headers))) == .startCall(5, headers))
    }

    @Test("a request that is too large ends its call, and the connection goes on")
    func messageLimit() {
        var machine = open { $0.receivedMessageBytes = 10 }
        _ = machine.receive(.frame(.headers(1, headers)))
        #expect(
            rejection(machine.receive(.frame(.message(1, part(message))))) == .resourceExhausted)
        #expect(!machine.isOpen(1))
        let small = RPCMessage(body: [1, 2])
        _ = machine.receive(.frame(.headers(3, headers)))
        #expect(
            machine.receive(.frame(.message(3, part(small))))
                == .deliver(3, small, bytes: 10, isLast: true))
    }

    @Test("incomplete messages together are bounded")
    func incompleteMessages() {
        var machine = open { $0.unreadBytes = 20 }
        let more = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 0, count: 10), endsStream: false, hasMore: true)
        for id: StreamID in [1, 3, 5] { _ = machine.receive(.frame(.headers(id, headers))) }
        #expect(machine.receive(.frame(.message(1, more))) == .none)
        #expect(machine.receive(.frame(.message(3, more))) == .none)
        #expect(rejection(machine.receive(.frame(.message(5, more)))) == .resourceExhausted)
        #expect(machine.receive(.frame(.cancel(1, .cancelled))) == .cancelCall(1, .cancelled))
        _ = machine.receive(.frame(.headers(7, headers)))
        #expect(machine.receive(.frame(.message(7, more))) == .none, "room again")
    }

    @Test("content that contradicts itself ends the connection")
    func malformedContent() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        let bad = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 255, count: 9), endsStream: true, hasMore: false)
        #expect(isFailure(machine.receive(.frame(.message(1, bad)))))
        #expect(machine.isClosed)
    }

    @Test("a PING is answered, an answer is not")
    func ping() {
        var machine = open()
        #expect(machine.receive(.frame(.ping(7, isAcknowledgement: false))) == .answerPing(7))
        #expect(machine.receive(.frame(.ping(7, isAcknowledgement: true))) == .none)
    }

    @Test("extensions, window updates and a client's GOAWAY change nothing")
    func ignored() {
        var machine = open()
        let goAway = GoAway(lastStreamID: 0, code: .shutdown, reason: "")
        for frame: Frame in [.skipped(type: 0x90), .windowUpdate(0, 1), .goAway(goAway)] {
            #expect(machine.receive(.frame(frame)) == .none)
        }
    }

    @Test("while draining, open calls finish and later ones are not answered")
    func drain() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        #expect(machine.beginDrain() == 1)
        #expect(machine.beginDrain() == nil)
        #expect(!machine.isDrained)
        #expect(machine.receive(.frame(.headers(3, headers))) == .none)
        #expect(machine.receive(.frame(.message(3, part(message)))) == .none)
        #expect(machine.receive(.frame(.cancel(3, .cancelled))) == .none)
        #expect(machine.lastStreamID == 1)
        #expect(
            machine.receive(.frame(.message(1, part(message))))
                == .deliver(1, message, bytes: message.encodedByteCount, isLast: true))
        _ = machine.close(1, handlerRuns: false)
        #expect(machine.isDrained)
    }
}
