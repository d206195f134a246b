internal import CoreMetrics
internal import Instrumentation
internal import Synchronization
internal import Tracing

/// One call on the serving side that somebody wants to know of: stands before its responder, where
/// everything that is sent comes by.
final class ObservedCall: Responder {
    private let responder: any Responder
    private let requests: MessageQueue
    private let deadline: ContinuousClock.Instant?
    private let metrics: ServerMetrics.Method?
    private let openStreams: Meter?
    private let span: (any Span)?
    let recording: CallRecording?
    private let began = ContinuousClock.now
    private let sentBytes = Atomic(0)

    init(
        _ responder: any Responder, requests: MessageQueue, deadline: ContinuousClock.Instant?,
        metrics: ServerMetrics.Method?, openStreams: Meter?, span: (any Span)?,
        recording: CallRecording?
    ) {
        self.responder = responder
        self.requests = requests
        self.deadline = deadline
        self.metrics = metrics
        self.openStreams = openStreams
        self.span = span
        self.recording = recording
    }

    /// The context that calls of the handler are part of.
    var spanContext: InstrumentationContext? { span?.context }

    func write(_ message: RPCMessage) async throws -> Int {
        let bytes = try await responder.write(message)
        sentBytes.add(bytes, ordering: .relaxed)
        return bytes
    }

    func send(_ metadata: Metadata) async throws { try await responder.send(metadata) }

    func finish(_ last: RPCMessage?, _ status: RPCStatus) -> SentEnd {
        // Before the end of the call drops them.
        let requestsEnd = requests.end
        let unread = recording == nil ? [] : requests.unread
        let end = responder.finish(last, status)
        let now = ContinuousClock.now
        let code = Self.code(
            sent: end.code, requests: requestsEnd,
            isPastDeadline: deadline.map { $0 <= now } ?? false)
        let duration = began.duration(to: now)
        if let ended = metrics?.ended[code] {
            ended.duration.recordNanoseconds(duration.nanoseconds)
            ended.sentBytes.record(sentBytes.load(ordering: .relaxed) + end.messageBytes)
            ended.receivedBytes.record(requests.receivedBytes)
        }
        openStreams?.decrement()
        if let span { CallTracing.end(span, code) }
        recording?.end(unread: unread, requestsEnd, code, duration: duration)
        return end
    }

    /// The status that the caller has seen: a handler that was stopped says only that it was
    /// cancelled, not why.
    static func code(
        sent: RPCError.Code, requests: MessageQueue.Delivery?, isPastDeadline: Bool
    ) -> RPCError.Code {
        guard sent == .cancelled else { return sent }
        if case .end(let status)? = requests, status.code != .ok { return status.code }
        return isPastDeadline ? .deadlineExceeded : .cancelled
    }
}
