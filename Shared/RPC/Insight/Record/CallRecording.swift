internal import Synchronization

/// One call that is being recorded.
///
/// Requests are kept as they are read: taking them down costs the call no copy.
final class CallRecording: Sendable {
    private struct Taken {
        var requests: [RPCMessage] = []
        /// Of the requests.
        var bytes = 0
        /// Why the call will not be written.
        var failure: CallRecorder.Outcome?
    }

    /// What is known of it from the beginning.
    private let begun: RecordedCall
    /// Memory that it takes without requests.
    private let baseBytes: Int
    private let recorder: CallRecorder
    private let taken = Mutex(Taken())

    init(_ begun: RecordedCall, holding baseBytes: Int, recorder: CallRecorder) {
        self.begun = begun
        self.baseBytes = baseBytes
        self.recorder = recorder
    }

    /// The handler has read a request.
    func add(_ request: RPCMessage) {
        taken.withLock { taken in
            guard taken.failure == nil else { return }
            let bytes = request.encodedByteCount
            if taken.bytes + bytes > recorder.configuration.callBytes {
                taken.failure = .tooLarge
            } else if recorder.takeMemory(bytes) {
                taken.bytes += bytes
                taken.requests.append(request)
            } else {
                taken.failure = .dropped
            }
            if taken.failure != nil { taken.requests = [] }
        }
    }

    /// The call is over.
    ///
    /// - Parameters:
    ///   - unread: requests that came and that the handler has not read.
    ///   - end: how the requests ended.
    func end(
        unread: [RPCMessage], _ end: MessageQueue.Delivery?, _ code: RPCError.Code,
        duration: Duration
    ) {
        for request in unread { add(request) }
        let taken = taken.withLock { $0 }
        let heldBytes = baseBytes + taken.bytes
        if let failure = taken.failure { return recorder.done(heldBytes, failure) }
        var call = begun
        call.requests = taken.requests
        if case .end(let status)? = end, status.code == .ok { call.hasAllRequests = true }
        call.code = code
        call.duration = duration
        recorder.write(call, holding: heldBytes)
    }
}
