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
        #expect(machine.open(headers) == nil)
        #expect(machine.receive(.preface(version: 1)) == .none)
        #expect(machine.open(headers) == nil)
        #expect(
            machine.receive(.frame(.settings(Settings(.defaults)))) == .ready(Settings(.defaults)))
        return machine
    }

    private let headers = Frame.Headers(method: testMethod("A"), metadata: Metadata())
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
        #expect(
            [machine.open(headers), machine.open(headers), machine.open(headers)] == [1, 3, 5])
    }

    @Test("a response and its trailers end a call")
    func unary() {
        var machine = ready()
        _ = machine.open(headers)
        #expect(
            machine.receive(.frame(.message(1, response(message))))
                == .deliver(1, message, size(of: message)))
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .finish(1, .ok))
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
    }

    @Test("a late response after cancel is dropped")
    func lateResponse() {
        var machine = ready()
        _ = machine.open(headers)
        #expect(machine.cancel(1, .cancelled) == true)
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
        let last = parts(of: message, endsStream: true)[0]
        for frame: Frame in [
            .headers(1, headers), .cancel(1, .cancelled), .message(1, last),
            .settings(Settings(.defaults)),
        ] {
            var machine = ready()
            _ = machine.open(headers)
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
        for _ in 0..<3 { _ = machine.open(headers) }
        let goAway = GoAway(lastStreamID: 3, code: .shutdown, reason: "bye")
        #expect(machine.receive(.frame(.goAway(goAway))) == .goingAway(goAway, refused: [5]))
        #expect(machine.open(headers) == nil)
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
        _ = machine.open(headers)
        _ = machine.open(headers)
        guard
            case .finish(1, let status) = machine.receive(.frame(.message(1, response(message))))
        else {
            Issue.record("taken")
            return
        }
        #expect(status.code == .resourceExhausted)
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
        let small = RPCMessage(body: [1, 2])
        #expect(
            machine.receive(.frame(.message(3, response(small))))
                == .deliver(3, small, size(of: small)))
    }

    @Test("incomplete messages together are bounded")
    func incompleteMessages() {
        var machine = ready { $0.unreadBytes = 20 }
        let more = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 0, count: 11), endsStream: false, hasMore: true)
        _ = machine.open(headers)
        _ = machine.open(headers)
        #expect(machine.receive(.frame(.message(1, more))) == .none)
        guard case .finish(3, let status) = machine.receive(.frame(.message(3, more))) else {
            Issue.record("taken")
            return
        }
        #expect(status.code == .resourceExhausted)
    }

    @Test("trailers with too much metadata end the call with RESOURCE_EXHAUSTED")
    func trailerMetadata() {
        var machine = ready { $0.metadataEntries = 1 }
        _ = machine.open(headers)
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
        _ = machine.open(headers)
        #expect(machine.beginDrain() == true)
        #expect(machine.beginDrain() == false)
        #expect(machine.open(headers) == nil)
        #expect(!machine.isDrained)
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .finish(1, .ok))
        #expect(machine.isDrained)
    }

    @Test("a connection that is gone returns its calls once")
    func close() {
        var machine = ready()
        _ = machine.open(headers)
        _ = machine.open(headers)
        #expect(machine.close() == [1, 3])
        #expect(machine.close() == [])
        #expect(machine.receive(.frame(.trailers(1, .ok))) == .none)
    }

    /// What the machine writes.
    private func written(_ machine: inout ClientConnectionStateMachine) -> [Frame] {
        var frames: [Frame] = []
        while let outbound = machine.nextOutbound(isWritable: true) {
            switch outbound {
            case .frame(let frame): frames.append(frame)
            case .message(let departure):
                let bytes = departure.buffers.flatMap { Array($0.readableBytesView) }
                frames += decode([bytes]).inbound.compactMap {
                    if case .frame(let frame) = $0 { frame } else { nil }
                }
            }
        }
        return frames
    }

    @Test("a call is its HEADERS, then its request; CANCEL drops what has not left")
    func outbound() {
        var machine = ready()
        let id = machine.open(headers) ?? 0
        let admission = machine.write(EncodedMessage(message), on: id, isLast: true)
        #expect(admission == .accepted)
        #expect(written(&machine) == [.headers(1, headers), .message(1, parts(of: message)[0])])
        let other = machine.open(headers) ?? 0
        _ = machine.write(EncodedMessage(message), on: other, isLast: false)
        let isCancelled = machine.cancel(other, .deadlineExceeded)
        #expect(isCancelled)
        #expect(written(&machine) == [.headers(3, headers), .cancel(3, .deadlineExceeded)])
        #expect(machine.write(nil, on: other, isLast: true) == .ended)
    }

    @Test("METADATA comes once and before the first message")
    func metadata() {
        var metadata = Metadata()
        metadata.add(text: "eu", for: "x-region")
        var machine = ready()
        _ = machine.open(headers)
        #expect(machine.receive(.frame(.metadata(1, metadata))) == .metadata(1, metadata))
        var twice = machine
        #expect(isFailure(twice.receive(.frame(.metadata(1, metadata)))))
        var late = ready()
        _ = late.open(headers)
        _ = late.receive(.frame(.message(1, response(message))))
        #expect(isFailure(late.receive(.frame(.metadata(1, metadata)))))
        var unknown = ready()
        #expect(isFailure(unknown.receive(.frame(.metadata(1, metadata)))))
        var ended = machine
        _ = ended.receive(.frame(.trailers(1, .ok)))
        #expect(ended.receive(.frame(.metadata(1, metadata))) == .none)
    }

    @Test("OK within a response is INTERNAL, another status stays")
    func endWithinAMessage() {
        let more = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 0, count: 4), endsStream: false, hasMore: true)
        for (status, expected) in [
            (RPCStatus.ok, RPCError.Code.internalError),
            (RPCStatus(code: .aborted, message: ""), .aborted),
        ] {
            var machine = ready()
            _ = machine.open(headers)
            _ = machine.receive(.frame(.message(1, more)))
            guard case .finish(1, let end) = machine.receive(.frame(.trailers(1, status))) else {
                Issue.record("no end")
                continue
            }
            #expect(end.code == expected)
        }
    }

    @Test("a request waits for the stream's window and goes on in parts")
    func window() {
        var machine = ClientConnectionStateMachine(limits: .defaults)
        _ = machine.receive(.preface(version: 1))
        var peer = Settings(.defaults)
        peer.streamWindowBytes = 65_536
        _ = machine.receive(.frame(.settings(peer)))
        let id = machine.open(headers) ?? 0
        let large = RPCMessage(body: [UInt8](repeating: 7, count: 100_000))
        _ = machine.write(EncodedMessage(large), on: id, isLast: true)
        let first = written(&machine)
        guard case .message(1, let part)? = first.last else {
            Issue.record("no message")
            return
        }
        #expect(first.count == 2 && part.hasMore && part.bytes.readableBytes == 65_536)
        #expect(machine.receive(.frame(.windowUpdate(1, 65_536))) == .none)
        guard case .message(1, let rest)? = written(&machine).first else {
            Issue.record("no rest")
            return
        }
        #expect(rest.endsStream && rest.bytes.readableBytes == 100_008 - 65_536)
        #expect(isFailure(machine.receive(.frame(.windowUpdate(1, .max)))))
        var unknown = ready()
        #expect(isFailure(unknown.receive(.frame(.windowUpdate(1, 1)))))
    }
}
