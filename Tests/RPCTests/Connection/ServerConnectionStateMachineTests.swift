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

    /// The status with which a call of a peer is refused.
    private func rejection(
        _ machine: inout ServerConnectionStateMachine, _ frame: Frame
    ) -> RPCError.Code? {
        switch machine.receive(.frame(frame)) {
        case .none, .endCall: break
        default: return nil
        }
        guard case .trailers(_, let status)? = written(&machine).last else { return nil }
        return status.code
    }

    /// What the machine writes.
    private func written(_ machine: inout ServerConnectionStateMachine) -> [Frame] {
        var frames: [Frame] = []
        while let outbound = machine.nextOutbound(isWritable: true) {
            switch outbound {
            case .frame(let frame): frames.append(frame)
            case .message(let departure, _):
                let bytes = departure.buffers.flatMap { Array($0.readableBytesView) }
                frames += decode([bytes]).inbound.compactMap {
                    if case .frame(let frame) = $0 { frame } else { nil }
                }
            }
        }
        return frames
    }

    @Test("a unary request starts a call and is delivered as its last message")
    func unary() {
        var machine = open()
        #expect(machine.receive(.frame(.headers(1, headers))) == .startCall(1, headers))
        #expect(
            machine.receive(.frame(.message(1, part(message))))
                == .deliver(1, message, size(of: message), isLast: true))
        #expect(machine.isOpen(1))
        #expect(machine.finish(1, .ok) == true)
        #expect(machine.finish(1, .ok) == nil)
        #expect(written(&machine) == [.trailers(1, .ok)])
    }

    @Test("a client that streams sends several messages, then an end without one")
    func clientStreaming() {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        for _ in 0..<2 {
            #expect(
                machine.receive(.frame(.message(1, part(message, endsStream: false))))
                    == .deliver(1, message, size(of: message), isLast: false))
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
        _ = machine.finish(1, .ok)
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
        #expect(rejection(&machine, .headers(5, headers)) == .resourceExhausted)
        _ = machine.finish(1, .ok)
        #expect(machine.receive(.frame(.headers(7, headers))) == .startCall(7, headers))
    }

    @Test("handlers whose calls were given up count until they return")
    func abandonedHandlers() {
        var machine = open { $0.concurrentStreams = 1 }
        _ = machine.receive(.frame(.headers(1, headers)))
        _ = machine.receive(.frame(.cancel(1, .cancelled)))
        #expect(rejection(&machine, .headers(3, headers)) == .resourceExhausted)
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
        #expect(rejection(&machine, .headers(3, two)) == .resourceExhausted)
        #expect(machine.receive(.frame(.headers(5, headers))) == .startCall(5, headers))
    }

    @Test("a request that is too large ends its call, and the connection goes on")
    func messageLimit() {
        var machine = open { $0.receivedMessageBytes = 10 }
        _ = machine.receive(.frame(.headers(1, headers)))
        #expect(
            rejection(&machine, .message(1, part(message))) == .resourceExhausted)
        #expect(!machine.isOpen(1))
        let small = RPCMessage(body: [1, 2])
        _ = machine.receive(.frame(.headers(3, headers)))
        #expect(
            machine.receive(.frame(.message(3, part(small))))
                == .deliver(3, small, size(of: small), isLast: true))
    }

    @Test("incomplete messages together are bounded")
    func incompleteMessages() {
        var machine = open { $0.unreadBytes = 20 }
        let more = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 0, count: 10), endsStream: false, hasMore: true)
        for id: StreamID in [1, 3, 5] { _ = machine.receive(.frame(.headers(id, headers))) }
        #expect(machine.receive(.frame(.message(1, more))) == .none)
        #expect(machine.receive(.frame(.message(3, more))) == .none)
        #expect(rejection(&machine, .message(5, more)) == .resourceExhausted)
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
        #expect(machine.receive(.frame(.ping(7, isAcknowledgement: false))) == .none)
        #expect(machine.receive(.frame(.ping(8, isAcknowledgement: true))) == .none)
        #expect(written(&machine) == [.ping(7, isAcknowledgement: true)])
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
                == .deliver(1, message, size(of: message), isLast: true))
        _ = machine.finish(1, .ok)
        #expect(machine.isDrained)
    }

    @Test("a status follows the messages before it, however long they wait for credit")
    func statusWaits() throws {
        var machine = ServerConnectionStateMachine(limits: .defaults)
        _ = machine.receive(.preface(version: 1))
        var peer = Settings(.defaults)
        peer.streamWindowBytes = 65_536
        _ = machine.receive(.frame(.settings(peer)))
        _ = machine.receive(.frame(.headers(1, headers)))
        let large = RPCMessage(body: [UInt8](repeating: 7, count: 100_000))
        #expect(machine.write(EncodedMessage(large), on: 1) == .accepted)
        #expect(machine.finish(1, .ok) == false)
        let late = machine.write(EncodedMessage(message), on: 1)
        #expect(!machine.isOpen(1) && late == .ended)
        #expect(written(&machine).count == 1)
        _ = machine.receive(.frame(.windowUpdate(1, 65_536)))
        let rest = written(&machine)
        #expect(rest.count == 2 && rest.last == .trailers(1, .ok))
    }

    @Test("a deadline ends a call before what waits for credit has left")
    func deadlineOvertakes() throws {
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        for _ in 0..<2 {
            let body = [UInt8](repeating: 7, count: 900_000)
            #expect(machine.write(EncodedMessage(RPCMessage(body: body)), on: 1) == .accepted)
        }
        #expect(machine.write(EncodedMessage(message), on: 1) == .full)
        _ = written(&machine)
        let status = RPCStatus(code: .deadlineExceeded, message: "late")
        #expect(machine.end(1, status) == .endCall(1, status))
        #expect(written(&machine) == [.trailers(1, status)])
        #expect(machine.end(1, status) == .none)
    }

    @Test("a handler's metadata goes out once, before its first message")
    func metadata() {
        var metadata = Metadata()
        metadata.add(text: "eu", for: "x-region")
        var machine = open()
        _ = machine.receive(.frame(.headers(1, headers)))
        let sent = [machine.send(metadata, on: 1), machine.send(metadata, on: 1)]
        #expect(sent == [true, false])
        _ = machine.write(EncodedMessage(message, on: 1), on: 1)
        _ = machine.finish(1, .ok)
        #expect(
            written(&machine) == [
                .metadata(1, metadata), .message(1, part(message, endsStream: false)),
                .trailers(1, .ok),
            ])
        _ = machine.receive(.frame(.headers(3, headers)))
        _ = machine.write(EncodedMessage(message, on: 3), on: 3)
        let isLate = !machine.send(metadata, on: 3)
        #expect(isLate)
        #expect(isFailure(machine.receive(.frame(.metadata(3, metadata)))))
    }

    @Test("more than a window had ends the connection by that name")
    func flowControl() {
        var machine = open { $0.streamWindowBytes = 65_536 }
        _ = machine.receive(.frame(.headers(1, headers)))
        let more = Frame.MessagePart(
            bytes: ByteBuffer(repeating: 0, count: 65_537), endsStream: false, hasMore: true)
        guard case .fail(let violation, [1]) = machine.receive(.frame(.message(1, more))) else {
            Issue.record("taken")
            return
        }
        #expect(violation.code == .flowControl)
    }
}
