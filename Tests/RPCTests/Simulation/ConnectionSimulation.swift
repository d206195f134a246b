import Domain
import NIOCore

@testable import RPC

/// A client, a server and the network between them, in steps that a seed draws.
///
/// Bytes arrive in pieces, readers are slow, callers give up, handlers fail, the server drains, the
/// connection breaks; there are no sockets, no tasks and no clock.
struct ConnectionSimulation {
    /// What went otherwise than it must.
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// One side of a call.
    struct Side {
        var script: CallScript
        /// Messages that this side has written, and those that it has read.
        var written = 0
        var read = 0
        var unread: [(RPCMessage, Consumption)] = []
        var hasEndedWriting = false
        /// A write that found no room.
        var isBlocked = false
        /// How the call ended on this side.
        var end: RPCError.Code?
        var steps = 0
        var requestsHaveEnded = false
        var isRefused = false
    }

    static let limits: RPCLimits = {
        var limits = RPCLimits.defaults
        limits.framePayloadBytes = 32 * 1_024
        limits.streamWindowBytes = 65_536
        limits.connectionWindowBytes = 131_072
        limits.pendingWriteBytes = 65_536
        limits.concurrentStreams = 4
        limits.pingInterval = .zero
        return limits
    }()
    /// Far more than any run needs: who is not done by then waits for ever.
    private static let mostSteps = 200_000

    private var generator: SeededGenerator
    private var client = ClientConnectionStateMachine(limits: limits)
    private var server = ServerConnectionStateMachine(limits: limits)
    private var clientDecoder = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
    private var serverDecoder = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
    private var toServer = SimulatedPipe()
    private var toClient = SimulatedPipe()
    private var scripts: [CallScript]
    private(set) var calls: [StreamID: Side] = [:]
    private(set) var handlers: [StreamID: Side] = [:]
    private var drainsAt: Int?
    private var breaksAt: Int?
    private(set) var hasBroken = false

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...12, using: &generator)
        var scripts: [CallScript] = []
        for _ in 0..<count { scripts.append(CallScript(using: &generator)) }
        self.scripts = scripts
        if Int.random(in: 0..<4, using: &generator) == 0 {
            drainsAt = Int.random(in: 0..<400, using: &generator)
        }
        if Int.random(in: 0..<4, using: &generator) == 0 {
            breaksAt = Int.random(in: 0..<400, using: &generator)
        }
        var handshake = ByteBuffer(bytes: Preface.bytes)
        Frame.settings(Settings(Self.limits)).write(to: &handshake)
        toServer.write(handshake)
        toClient.write(handshake)
    }

    /// Runs until nothing is left to do.
    mutating func run() throws {
        for step in 0..<Self.mostSteps {
            if step == drainsAt, let last = server.beginDrain() {
                var buffer = ByteBuffer()
                Frame.goAway(GoAway(lastStreamID: last, code: .shutdown, reason: "drain"))
                    .write(to: &buffer)
                toClient.write(buffer)
            }
            if step == breaksAt { breakConnection() }
            if isDone { return try check() }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1: try arrive(atServer: true)
            case 2, 3: try arrive(atServer: false)
            case 4: try clientSteps()
            default: try serverSteps()
            }
            try writeOutbound()
        }
        throw Fault(description: "not done after \(Self.mostSteps) steps: \(unfinished)")
    }

    private var isDone: Bool {
        let isQuiet = toServer.waiting == 0 && toClient.waiting == 0
        let isOver = calls.values.allSatisfy { $0.end != nil }
        return isQuiet && isOver && (scripts.isEmpty || !client.isReady && !client.isInHandshake)
            && handlers.values.allSatisfy { $0.end != nil }
    }

    private var unfinished: String {
        let open = calls.filter { $0.value.end == nil }
        let running = handlers.filter { $0.value.end == nil }
        return "calls \(open.keys.sorted()), handlers \(running.keys.sorted()), waiting "
            + "\(toServer.waiting) and \(toClient.waiting), to make \(scripts.count)"
    }

    // MARK: The network

    private mutating func arrive(atServer: Bool) throws {
        let count =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: Int.random(in: 1...20, using: &generator)
            case 1: Int.random(in: 1...2_000, using: &generator)
            default: 16_384
            }
        let part = atServer ? toServer.take(count) : toClient.take(count)
        guard part.readableBytes > 0 else { return }
        var inbound: [Inbound] = []
        try (atServer ? serverDecoder : clientDecoder).process(buffer: part) {
            inbound.append($0)
        }
        for event in inbound {
            if atServer {
                try perform(server.receive(event))
            } else {
                try perform(client.receive(event))
            }
        }
    }

    private mutating func breakConnection() {
        hasBroken = true
        toServer.cut()
        toClient.cut()
        for id in client.close() { calls[id]?.end = .unavailable }
        for id in server.close() { handlers[id]?.end = .cancelled }
    }

    private mutating func writeOutbound() throws {
        while let outbound = client.nextOutbound(isWritable: toServer.isWritable) {
            switch outbound {
            case .frame(let frame): write(frame, to: &toServer)
            case .message(let departure):
                for buffer in departure.buffers { toServer.write(buffer) }
                if departure.unblocksWriter { calls[departure.stream]?.isBlocked = false }
            }
        }
        while let outbound = server.nextOutbound(isWritable: toClient.isWritable) {
            switch outbound {
            case .frame(let frame): write(frame, to: &toClient)
            case .message(let departure, _):
                for buffer in departure.buffers { toClient.write(buffer) }
                if departure.unblocksWriter { handlers[departure.stream]?.isBlocked = false }
            }
        }
    }

    private func write(_ frame: Frame, to pipe: inout SimulatedPipe) {
        var buffer = ByteBuffer()
        frame.write(to: &buffer)
        pipe.write(buffer)
    }
}

/// What the state machines say.
extension ConnectionSimulation {
    private mutating func perform(_ action: ClientConnectionStateMachine.Action) throws {
        switch action {
        case .none, .ready, .metadata: break
        case .deliver(let id, let message, let size): calls[id]?.unread.append((message, size))
        case .finish(let id, let status): try finish(id, status.code)
        case .goingAway(_, let refused):
            for id in refused {
                calls[id]?.isRefused = true
                try finish(id, .unavailable)
            }
        case .fail(let violation, _):
            throw Fault(description: "the client says \(violation.code): \(violation.reason)")
        }
    }

    private mutating func finish(_ id: StreamID, _ code: RPCError.Code) throws {
        guard calls[id]?.end == nil else {
            throw Fault(description: "call \(id) ended twice")
        }
        // The status comes behind the responses; the reader takes those first.
        try readAll(id)
        calls[id]?.end = code
    }

    private mutating func perform(_ action: ServerConnectionStateMachine.Action) throws {
        switch action {
        case .none, .opened: break
        case .startCall(let id, _):
            guard let script = calls[id]?.script, handlers[id] == nil else {
                throw Fault(description: "a handler for call \(id), which nobody made")
            }
            handlers[id] = Side(script: script)
        case .deliver(let id, let message, let size, let isLast):
            handlers[id]?.unread.append((message, size))
            if isLast { handlers[id]?.requestsHaveEnded = true }
        case .endRequests(let id): handlers[id]?.requestsHaveEnded = true
        case .cancelCall(let id, _): stop(id, .cancelled)
        case .endCall(let id, let status): stop(id, status.code)
        case .fail(let violation, _):
            throw Fault(description: "the server says \(violation.code): \(violation.reason)")
        }
    }

    private mutating func stop(_ id: StreamID, _ code: RPCError.Code) {
        if handlers[id]?.end == nil { handlers[id]?.end = code }
        server.handlerReturned(id)
    }
}

/// What callers and handlers do.
extension ConnectionSimulation {
    private mutating func clientSteps() throws {
        if Int.random(in: 0..<3, using: &generator) == 0, !scripts.isEmpty, client.isReady,
            calls.values.filter({ $0.end == nil }).count < Self.limits.concurrentStreams
        {
            let headers = Frame.Headers(method: testMethod("Script"), metadata: Metadata())
            guard let id = client.open(headers) else { return }
            calls[id] = Side(script: scripts.removeFirst())
        }
        let open = calls.keys.filter { calls[$0]?.end == nil }.sorted()
        guard let id = open.randomElement(using: &generator), var call = calls[id] else { return }
        call.steps += 1
        calls[id] = call
        if let most = call.script.givesUpAfter, call.steps > most {
            guard client.cancel(id, .cancelled) else {
                throw Fault(description: "call \(id) is open and cannot be cancelled")
            }
            calls[id]?.end = .cancelled
            return
        }
        if Bool.random(using: &generator) { return try read(id) }
        writeRequest(id)
    }

    private mutating func writeRequest(_ id: StreamID) {
        guard let call = calls[id], !call.isBlocked, !call.hasEndedWriting else { return }
        let sizes = call.script.requests
        guard call.written < sizes.count else {
            if client.write(nil, on: id, isLast: true) == .full {
                calls[id]?.isBlocked = true
            } else {
                calls[id]?.hasEndedWriting = true
            }
            return
        }
        let message = CallScript.message(
            id, call.written, size: sizes[call.written], isRequest: true)
        // Sometimes the last one says so itself.
        let isLast = call.written + 1 == sizes.count && id % 4 == 1
        let encoded = EncodedMessage(message, to: Settings(Self.limits))
        switch client.write(encoded, on: id, isLast: isLast) {
        case .accepted:
            calls[id]?.written += 1
            if isLast { calls[id]?.hasEndedWriting = true }
        case .full: calls[id]?.isBlocked = true
        case .ended: break
        }
    }

    private mutating func read(_ id: StreamID) throws {
        guard var call = calls[id], !call.unread.isEmpty else { return }
        let (message, size) = call.unread.removeFirst()
        try compare(message, id, call.read, call.script.responses, isRequest: false)
        call.read += 1
        calls[id] = call
        client.consumed(id, size)
    }

    private mutating func readAll(_ id: StreamID) throws {
        while calls[id]?.unread.isEmpty == false { try read(id) }
    }

    private mutating func serverSteps() throws {
        let running = handlers.keys.filter { handlers[$0]?.end == nil }.sorted()
        guard let id = running.randomElement(using: &generator), var handler = handlers[id] else {
            return
        }
        let hasReadAll = handler.requestsHaveEnded && handler.unread.isEmpty
        let endsNow = handler.script.endsAfter.map { handler.read >= $0 } ?? false
        if !endsNow, !handler.unread.isEmpty, Bool.random(using: &generator) {
            let (message, size) = handler.unread.removeFirst()
            try compare(message, id, handler.read, handler.script.requests, isRequest: true)
            handler.read += 1
            handlers[id] = handler
            return server.consumed(id, size)
        }
        let mayWrite = handler.script.isDuplex || hasReadAll || endsNow
        if mayWrite, handler.written < handler.script.responses.count {
            return writeResponse(id, handler)
        }
        guard hasReadAll || endsNow, handler.written == handler.script.responses.count else {
            return
        }
        _ = server.finish(id, RPCStatus(code: handler.script.status, message: ""))
        handlers[id]?.end = handler.script.status
        server.handlerReturned(id)
    }

    private mutating func writeResponse(_ id: StreamID, _ handler: Side) {
        guard !handler.isBlocked else { return }
        let size = handler.script.responses[handler.written]
        let message = CallScript.message(id, handler.written, size: size, isRequest: false)
        switch server.write(EncodedMessage(message, on: id, to: Settings(Self.limits)), on: id) {
        case .accepted: handlers[id]?.written += 1
        case .full: handlers[id]?.isBlocked = true
        case .ended: break
        }
    }

    private func compare(
        _ message: RPCMessage, _ id: StreamID, _ number: Int, _ sizes: [Int], isRequest: Bool
    ) throws {
        guard number < sizes.count,
            message.body
                == CallScript.message(id, number, size: sizes[number], isRequest: isRequest).body
        else {
            throw Fault(
                description: "\(isRequest ? "request" : "response") \(number) of call \(id) is "
                    + "not the one that was written")
        }
    }

    /// What must hold when all is over.
    private func check() throws {
        for (id, call) in calls.sorted(by: { $0.key < $1.key }) {
            guard let end = call.end else { continue }
            let isWhole = end == call.script.status && !call.isRefused
            if isWhole, call.read != call.script.responses.count {
                throw Fault(
                    description: "call \(id) ended with \(end) after \(call.read) of "
                        + "\(call.script.responses.count) responses")
            }
            let isAllowed =
                isWhole || end == .cancelled && call.script.givesUpAfter != nil
                || end == .unavailable && (hasBroken || call.isRefused)
            guard isAllowed else { throw Fault(description: "call \(id) ended with \(end)") }
            if call.isRefused, handlers[id] != nil {
                throw Fault(description: "call \(id) was refused after its handler began")
            }
        }
        if drainsAt != nil, !hasBroken, !server.isClosed, server.isDrained != client.isDrained {
            throw Fault(description: "one side is drained and the other is not")
        }
    }
}
