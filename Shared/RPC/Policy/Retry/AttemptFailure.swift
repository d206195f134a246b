/// How one attempt of a call failed, as far as it matters for another.
struct AttemptFailure: Equatable {
    var code: RPCError.Code
    /// What the server said about trying again.
    var pushback = RetryPushback.none
    /// Whether a server may have given it to a handler; not so if it never left this client, or if
    /// GOAWAY named an earlier stream as the last.
    var wasTaken = true
}

/// The value of `llara-retry-pushback-ms` in TRAILERS (WIRE 4).
enum RetryPushback: Equatable {
    static let key = "llara-retry-pushback-ms"

    /// Nothing was said.
    case none
    case after(Duration)
    /// Not at all.
    case stop

    /// Reads the first value under ``key``.
    ///
    /// What is no signed 32-bit number means "not at all", as in gRPC A6: a server that says
    /// something about retries, whatever it is, is not well.
    init(_ text: String?) {
        guard let text else {
            self = .none
            return
        }
        guard let milliseconds = Int32(text), milliseconds >= 0 else {
            self = .stop
            return
        }
        self = .after(.milliseconds(Int64(milliseconds)))
    }
}
