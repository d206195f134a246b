internal import NIOCore

/// One side of a connection that is fed a peer's bytes and answers as the simplest of programs
/// would: for the fuzzers, which have no other way to what is inside.
package struct ConnectionTrial {
    /// Which side the bytes come to.
    package enum Side: String, CaseIterable, Sendable {
        case server, client
    }

    /// A promise that some bytes broke.
    package struct Finding: Error, CustomStringConvertible {
        /// What does not hold.
        package let description: String
    }

    private static let limits: RPCLimits = {
        var limits = RPCLimits.defaults
        limits.framePayloadBytes = RPCLimits.minimumFramePayloadBytes
        limits.receivedMessageBytes = 100_000
        limits.unreadBytes = 400_000
        limits.streamWindowBytes = 65_536
        limits.connectionWindowBytes = 131_072
        limits.concurrentStreams = 4
        return limits
    }()

    private let decoder = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
    private var server = ServerConnectionStateMachine(limits: limits)
    private var client = ClientConnectionStateMachine(limits: limits)
    private let side: Side
    private var open: Set<StreamID> = []

    /// A side whose peer has said nothing yet.
    package init(_ side: Side) { self.side = side }

    /// Takes bytes in pieces of `pieceBytes`; what breaks a rule ends the connection.
    ///
    /// - Throws: ``Finding``, and nothing else.
    package mutating func receive(_ bytes: [UInt8], pieceBytes: Int) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(max(1, pieceBytes))
            rest = rest.dropFirst(piece.count)
            var inbound: [Inbound] = []
            do {
                try decoder.process(buffer: ByteBuffer(bytes: piece)) { inbound.append($0) }
            } catch is ProtocolViolation {
                return
            }
            for event in inbound {
                let isOver = try side == .server ? serve(event) : call(event)
                if isOver { return }
            }
        }
    }

    /// Echoes each request and ends with the requests; true once the connection is over.
    private mutating func serve(_ event: Inbound) throws -> Bool {
        switch server.receive(event) {
        case .none, .opened: break
        case .startCall(let id, let headers):
            guard open.insert(id).inserted else {
                throw Finding(description: "stream \(id) was opened twice")
            }
            if headers.endsStream { finish(id) }
        case .deliver(let id, let message, let size, let isLast):
            guard open.contains(id) else {
                throw Finding(description: "a message for stream \(id), which is not open")
            }
            server.consumed(id, size)
            _ = server.write(EncodedMessage(message, on: id), on: id)
            if isLast { finish(id) }
        case .endRequests(let id): finish(id)
        case .cancelCall(let id, _), .endCall(let id, _):
            open.remove(id)
            server.handlerReturned(id)
        case .fail: return true
        }
        guard open.count <= Self.limits.concurrentStreams else {
            throw Finding(description: "\(open.count) calls are open")
        }
        while server.nextOutbound(isWritable: true) != nil {}
        return false
    }

    private mutating func finish(_ id: StreamID) {
        _ = server.finish(id, .ok)
        server.handlerReturned(id)
        open.remove(id)
    }

    /// Keeps some calls open and reads what comes; true once the connection is over.
    private mutating func call(_ event: Inbound) throws -> Bool {
        switch client.receive(event) {
        case .none, .metadata: break
        case .ready: begin()
        case .deliver(let id, _, let size):
            guard open.contains(id) else {
                throw Finding(description: "a message for call \(id), which is over")
            }
            client.consumed(id, size)
        case .finish(let id, _):
            guard open.remove(id) != nil else {
                throw Finding(description: "call \(id) ended twice")
            }
            begin()
        case .goingAway(_, let refused):
            for id in refused {
                guard open.remove(id) != nil else {
                    throw Finding(description: "call \(id) was refused after its end")
                }
            }
        case .fail: return true
        }
        while client.nextOutbound(isWritable: true) != nil {}
        return false
    }

    private mutating func begin() {
        let method = RPCMethod(service: "trial", name: "Echo")
        while open.count < Self.limits.concurrentStreams,
            let id = client.open(Frame.Headers(method: method, metadata: Metadata()))
        {
            open.insert(id)
            let request = RPCMessage(body: [UInt8](repeating: 1, count: 10))
            _ = client.write(EncodedMessage(request), on: id, isLast: true)
        }
    }
}
