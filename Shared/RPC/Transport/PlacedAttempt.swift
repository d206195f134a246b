/// One attempt of a call, on a connection that has a place for it.
struct PlacedAttempt: Sendable {
    let attempt: ClientAttempt
    let live: ReplicaPool.Live

    /// Makes an attempt in a place, which its end gives back; ``start()`` sends it.
    ///
    /// - Parameters:
    ///   - request: the one request; nil where the caller writes them.
    ///   - number: of attempts before it.
    ///   - observed: who wants to know of it.
    /// - Throws: ``RPCError`` for what the replica does not allow; the place is then given back.
    init(
        _ outgoing: OutgoingCall, request: RPCMessage?, number: Int, in place: ReplicaPool.Place,
        of pool: ReplicaPool, limits: RPCLimits, observed: ObservedOutgoingCall?,
        isHedged: Bool = false
    ) throws(RPCError) {
        live = place.live
        let encoded: EncodedMessage?
        do throws(RPCError) {
            try Self.checkMetadata(of: outgoing, against: live.settings, limits: limits)
            if let request { try Self.check(request, against: live.settings, limits: limits) }
            encoded = request.map { EncodedMessage($0, to: place.live.settings) }
        } catch {
            pool.giveBack(place)
            throw error
        }
        var call = outgoing
        let observation = observed?.beginAttempt(
            number, isHedged: isHedged, on: place.address, &call,
            limits: Self.metadataLimits(of: live.settings, limits))
        if let encoded { observation?.sent(bytes: encoded.contentBytes) }
        attempt = ClientAttempt(
            call, number: number, request: encoded, on: live.connection, limits: limits,
            observed: observation
        ) { outcome, latency in
            pool.ended(place, outcome, latency: latency)
        }
    }

    func start() { live.connection.start(attempt) }

    /// Sends a request of a stream of them; nil with `isLast` only ends them.
    func write(_ message: RPCMessage?, isLast: Bool, limits: RPCLimits) async throws {
        if let message { try Self.check(message, against: live.settings, limits: limits) }
        let encoded = message.map { EncodedMessage($0, to: live.settings) }
        if let encoded { attempt.observed?.sent(bytes: encoded.contentBytes) }
        try await live.connection.write(encoded, isLast: isLast, of: attempt)
    }

    /// The next delivery; whoever cancels the task gives the call up.
    func next() async -> MessageQueue.Delivery {
        await withTaskCancellationHandler {
            await attempt.responses.next()
        } onCancel: {
            abort()
        }
    }

    /// Ends it from this side, unless it has ended.
    func abort() {
        let end = MessageQueue.End.status(RPCStatus(attempt.call.cancelled))
        guard attempt.responses.finish(end, discarding: true) else { return }
        live.connection.abandon(attempt)
    }

    /// The caller has its result or wants none.
    func leave() {
        abort()
        attempt.responses.discard()
    }

    private static func check(
        _ request: RPCMessage, against peer: Settings, limits: RPCLimits
    ) throws(RPCError) {
        try request.check(
            "request", limits: limits, peerMessageBytes: peer.messageBytes,
            peerAttachments: peer.attachments)
    }

    private static func checkMetadata(
        of call: OutgoingCall, against peer: Settings, limits: RPCLimits
    ) throws(RPCError) {
        let limits = metadataLimits(of: peer, limits)
        if let violation = call.metadata.violation(of: limits) { throw violation }
    }

    private static func metadataLimits(of peer: Settings, _ limits: RPCLimits) -> RPCLimits {
        var limits = limits
        limits.metadataBytes = peer.metadataBytes
        limits.metadataEntries = peer.metadataEntries
        return limits
    }
}
