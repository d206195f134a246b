import NIOCore
import Testing

@testable import RPC

@Suite("Client connection state machine")
struct ClientConnectionStateMachineTests {
    typealias Action = ClientConnectionStateMachine.Action

    private func ready(_ change: (inout RPCLimits) -> Void = { _ in })
        -> ClientConnectionStateMachine
    {
        var limits = RPCLimits.defaults
        change(&limits)
        var machine = ClientConnectionStateMachine(limits: limits)
        #expect(machine.open() == nil)
        #expect(machine.receive(.preface(version: 1)) == .none)
        #expect(machine.open() == nil)
        #expect(
            machine.receive(.frame(.settings(Settings(.defaults)))) == .ready(Settings(.defaults)))
        return machine
    }

    private let message = RPCMessage(body: [1, 2, 3])

    private func response(_ message: RPCMessage) -> Frame.MessagePart {
        parts(of: message, endsStream: false)[0]
    }

    private func isFailure(_ action: Action) -> Bool {
        if case .fail = action { true } else { false }
    }

    @Test("ids are odd and grow")
    func ids() {
        var machine = ready()
        #expect([machine.open(), machine.open(), machine.open()] == [1, 3, 5])
    }

    @Test("a response and its trailers end a call")
    func unary() {
        var machine = ready()
        _ = machine.open()
        #expect(
            machine.receive(.frame(.message(1, response(message))))
                == .deliver(1, message, bytes: message.encodedByteCount))
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .finish(1, .ok))
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
    }

    @Test("a late response after cancel is dropped")
    func lateResponse() {
        var machine = ready()
        _ = machine.open()
        #expect(machine.close(1) == true)
        #expect(machine.receive(.frame(.message(1, response(message)))) == .none)
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
    }

    @Test("frames on a stream that was never opened end the connection")
    func unknownStream() {
        var first = ready()
        #expect(isFailure(first.receive(.frame(.message(1, response(message))))))
        var second = ready()
        #expect(isFailure(second.receive(.frame(.trailers(1, .ok)))))
    }

    @Test("what only a client sends ends the connection when a server sends it")
    func wrongDirection() {
        let headers = Frame.Headers(method: testMethod("A"), metadata: Metadata())
        let last = parts(of: message, endsStream: true)[0]
        for frame: Frame in [
            .headers(1, headers), .cancel(1, .cancelled), .message(1, last),
            .settings(Settings(.defaults)),
        ] {
            var machine = ready()
            _ = machine.open()
            guard case .fail(_, let calls) = machine.receive(.frame(frame)) else {
                Issue.record("taken: \(frame)")
                continue
            }
            #expect(calls == [1])
        }
    }

    @Test("GOAWAY refuses the calls after the last and lets the others finish")
    func goAway() {
        var machine = ready()
        for _ in 0..<3 { _ = machine.open() }
        let goAway = GoAway(lastStreamID: 3, code: .shutdown, reason: "bye")
        #expect(machine.receive(.frame(.goAway(goAway))) == .goingAway(goAway, refused: [5]))
        #expect(machine.open() == nil)
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .finish(1, .ok))
        #expect(!machine.isDrained)
        #expect(machine.receive(.frame(.trailers(3, .ok))) == .finish(3, .ok))
        #expect(machine.isDrained)
        #expect(machine.receive(.frame(.goAway(goAway))) == .goingAway(goAway, refused: []))
    }

    @Test("GOAWAY may come before SETTINGS")
    func goAwayFirst() {
        var machine = ClientConnectionStateMachine(limits: .defaults)
        _ = machine.receive(.preface(version: 1))
        let goAway = GoAway(lastStreamID: 0, code: .tooManyConnections, reason: "")
        #expect(machine.receive(.frame(.goAway(goAway))) == .goingAway(goAway, refused: []))
        #expect(machine.isDrained)
    }

    @Test("a response that is too large ends its call, and the connection goes on")
    func messageLimit() {
        var machine = ready { $0.receivedMessageBytes = 10 }
        _ = machine.open()
        _ = machine.open()
        guard
            case .abandon(1, let status) = machine.receive(.frame(.message(1, response(message))))
        else {
            Issue.record("taken")
            return
        }
        #expect(status.code == .resourceExhausted)
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
        let small = RPCMessage(body: [1, 2])
        #expect(
            machine.receive(.frame(.message(3, response(small)))) == .deliver(3, small, bytes: 10))
    }

    @Test("incomplete messages together are bounded")
    func incompleteMessages() {
        var machine = ready { $0.unreadBytes = 20 }
        let more = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 0, count: 11), endsStream: false, hasMore: true)
        _ = machine.open()
        _ = machine.open()
        #expect(machine.receive(.frame(.message(1, more))) == .none)
        guard case .abandon(3, let status) = machine.receive(.frame(.message(3, more))) else {
            Issue.record("taken")
            return
        }
        #expect(status.code == .resourceExhausted)
    }

    @Test("trailers with too much metadata end the call with RESOURCE_EXHAUSTED")
    func trailerMetadata() {
        var machine = ready { $0.metadataEntries = 1 }
        _ = machine.open()
        var status = RPCStatus.ok
        status.metadata.add(text: "1", for: "k")
        status.metadata.add(text: "2", for: "k")
        guard case .finish(1, let end) = machine.receive(.frame(.trailers(1, status))) else {
            Issue.record("no end")
            return
        }
        #expect(end.code == .resourceExhausted)
    }

    @Test("another version, or frames before the handshake, end the connection")
    func handshake() {
        var version = ClientConnectionStateMachine(limits: .defaults)
        #expect(isFailure(version.receive(.preface(version: 2))))
        var early = ClientConnectionStateMachine(limits: .defaults)
        #expect(isFailure(early.receive(.frame(.ping(1, isAcknowledgement: false)))))
        var noSettings = ClientConnectionStateMachine(limits: .defaults)
        _ = noSettings.receive(.preface(version: 1))
        #expect(isFailure(noSettings.receive(.frame(.ping(1, isAcknowledgement: false)))))
    }

    @Test("draining opens nothing and is over with the last call")
    func drain() {
        var machine = ready()
        _ = machine.open()
        #expect(machine.beginDrain() == true)
        #expect(machine.beginDrain() == false)
        #expect(machine.open() == nil)
        #expect(!machine.isDrained)
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .finish(1, .ok))
        #expect(machine.isDrained)
    }

    @Test("a connection that is gone returns its calls once")
    func close() {
        var machine = ready()
        _ = machine.open()
        _ = machine.open()
        #expect(machine.close() == [1, 3])
        #expect(machine.close() == [])
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
    }
}
