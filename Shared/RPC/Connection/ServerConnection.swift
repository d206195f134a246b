internal import NIOCore
internal import Synchronization

/// A connection as other threads see it.
struct ServerConnection: Sendable {
    private let handler: NIOLoopBound<ServerConnectionHandler>
    private let eventLoop: any EventLoop
    let key: ObjectIdentifier

    /// Called on the connection's event loop.
    init(handler: ServerConnectionHandler, channel: any Channel) {
        eventLoop = channel.eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        key = Self.key(of: handler)
    }

    static func key(of handler: ServerConnectionHandler) -> ObjectIdentifier {
        ObjectIdentifier(handler)
    }

    func run(_ body: @escaping @Sendable (ServerConnectionHandler) -> Void) {
        eventLoop.execute { body(handler.value) }
    }

    /// What the connection does now; nil once it is closed.
    func inspection() async -> ConnectionInspection? {
        await withCheckedContinuation { continuation in
            run { continuation.resume(returning: $0.inspection) }
        }
    }
}

/// The sending half of a call over a socket.
struct ServerResponder: Responder {
    let connection: ServerConnection
    let id: StreamID
    let limits: RPCLimits
    let peer: Settings

    func write(_ message: RPCMessage) async throws -> Int {
        let encoded = try encoded(message)
        try await withCheckedThrowingContinuation { continuation in
            connection.run { $0.write(encoded, on: id, continuation) }
        }
        return encoded.contentBytes
    }

    private func encoded(_ message: RPCMessage) throws(RPCError) -> EncodedMessage {
        try message.check(
            "response", limits: limits, peerMessageBytes: peer.messageBytes,
            peerAttachments: peer.attachments)
        return EncodedMessage(message, on: id, to: peer)
    }

    func send(_ metadata: Metadata) async throws {
        var limits = limits
        limits.metadataBytes = min(limits.metadataBytes, peer.metadataBytes)
        limits.metadataEntries = min(limits.metadataEntries, peer.metadataEntries)
        if let violation = metadata.violation(of: limits) { throw violation }
        try await withCheckedThrowingContinuation { continuation in
            connection.run { $0.send(metadata, on: id, continuation) }
        }
    }

    func finish(_ last: RPCMessage?, _ status: RPCStatus) -> SentEnd {
        do throws(RPCError) {
            let last = try last.map { message throws(RPCError) in try encoded(message) }
            let bytes = last?.contentBytes ?? 0
            connection.run { $0.handlerReturned(last, status, on: id) }
            return SentEnd(messageBytes: bytes, code: status.code)
        } catch {
            let status = RPCStatus(error)
            connection.run { $0.handlerReturned(nil, status, on: id) }
            return SentEnd(code: status.code)
        }
    }
}

/// The open connections of a server.
final class ServerConnections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: ServerConnection] = [:]
        var isDraining = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let empty = OneShot<Void>()

    init(limit: Int) { self.limit = limit }

    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Takes a connection in, or says why not.
    func add(_ connection: ServerConnection) -> ProtocolViolation? {
        state.withLock { state in
            if state.isDraining {
                return ProtocolViolation("the server shuts down", code: .shutdown)
            }
            guard state.open.count < limit else {
                return ProtocolViolation(
                    "\(limit) connections are open, which is the most (connections)",
                    code: .tooManyConnections)
            }
            state.open[connection.key] = connection
            return nil
        }
    }

    /// Some of the open connections, at most `limit`, and how many there are.
    func open(limit: Int) -> (some: [ServerConnection], count: Int) {
        state.withLock { (Array($0.open.values.prefix(limit)), $0.open.count) }
    }

    func remove(_ key: ObjectIdentifier) {
        let isLast = state.withLock { state in
            state.open[key] = nil
            return state.isDraining && state.open.isEmpty
        }
        if isLast { empty.fulfil(.success(())) }
    }

    /// Lets every connection finish its calls and take no new ones.
    func beginDrain() {
        let open = state.withLock { state in
            state.isDraining = true
            return Array(state.open.values)
        }
        if open.isEmpty { empty.fulfil(.success(())) }
        for connection in open { connection.run { $0.beginDrain() } }
    }

    /// Ends what is left.
    func endDrain() {
        for connection in state.withLock({ Array($0.open.values) }) {
            connection.run { $0.endDrain() }
        }
    }

    /// Waits until the last connection is closed; throws if the task is cancelled.
    func waitUntilEmpty() async throws { try await empty.value() }
}
