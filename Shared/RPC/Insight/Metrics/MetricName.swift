/// The names of all metrics, with what each counts.
///
/// gRPC's (proposals A66 for calls and attempts, A96 for retries, A91 for ejections, A94 for
/// connections): statuses, attempts, retries and hedges mean here what they mean there, so that
/// dashboards and alerts for gRPC serve as they are. OpenTelemetry's own conventions for RPC know
/// neither attempts nor retries, and are being renamed. What gRPC has no name for begins with
/// `llara.rpc`. Durations are timers (an exporter makes seconds of them), sizes recorders of
/// bytes, numbers of what is open meters.
enum MetricName {
    /// Counter: calls begun, by method.
    static let serverCallStarted = "grpc.server.call.started"
    /// Timer: from the headers until the status is sent, by method and status.
    static let serverCallDuration = "grpc.server.call.duration"
    /// Recorder: bytes of a call's responses as they stand on the wire, by method and status.
    static let serverSentBytes = "grpc.server.call.sent_total_compressed_message_size"
    /// Recorder: the same of its requests.
    static let serverReceivedBytes = "grpc.server.call.rcvd_total_compressed_message_size"
    /// Meter: calls whose handler runs.
    static let serverOpenStreams = "llara.rpc.server.open_streams"
    /// Meter: connections accepted and not closed.
    static let serverOpenConnections = "llara.rpc.server.open_connections"
    /// Counter: calls that admission refused, by method.
    static let admissionRefusals = "llara.rpc.server.admission_refusals"

    /// Counter: attempts given to a connection, by method and target.
    static let attemptStarted = "grpc.client.attempt.started"
    /// Timer: of one attempt, by method, target and status.
    static let attemptDuration = "grpc.client.attempt.duration"
    /// Recorder: bytes of an attempt's requests as they stand on the wire.
    static let attemptSentBytes = "grpc.client.attempt.sent_total_compressed_message_size"
    /// Recorder: the same of its responses.
    static let attemptReceivedBytes = "grpc.client.attempt.rcvd_total_compressed_message_size"
    /// Timer: of a call with all its attempts and the pauses between, by method, target and status.
    static let callDuration = "grpc.client.call.duration"
    /// Recorder: further attempts of a call after failures, where there were any.
    static let callRetries = "grpc.client.call.retries"
    /// Recorder: further attempts of a call that no server had taken, where there were any.
    static let callTransparentRetries = "grpc.client.call.transparent_retries"
    /// Recorder: attempts of a call beside its first, where there were any.
    static let callHedges = "grpc.client.call.hedges"
    /// Meter: attempts under way, by target.
    static let clientOpenStreams = "llara.rpc.client.open_streams"
    /// Meter: connections whose handshake is done, by target.
    static let clientOpenConnections = "grpc.subchannel.open_connections"
    /// Counter: ejections of replicas, by target.
    static let ejections = "grpc.lb.outlier_detection.ejections_enforced"
    /// Meter: replicas that are ejected now, by target.
    static let ejectedReplicas = "llara.rpc.client.ejected_replicas"
    /// Counter: changes of state of circuit breakers, by target and the state entered.
    static let breakerTransitions = "llara.rpc.client.breaker_transitions"
    /// Meter: circuit breakers that are open or half open, by target.
    static let openBreakers = "llara.rpc.client.open_breakers"
}

/// The names of the labels.
enum MetricLabel {
    /// `llara.v1.Encoder/Encode`, or ``otherMethod``.
    static let method = "grpc.method"
    /// `OK`, `NOT_FOUND`: the 17 names of gRPC.
    static let status = "grpc.status"
    /// What a client calls, see ``RPCResolver/target``.
    static let target = "grpc.target"
    /// `open`, `half_open` or `closed`.
    static let breakerState = "llara.rpc.breaker_state"

    /// All methods that are not known: callers can invent names, and each value of a label costs the
    /// back end memory for good (as A66).
    static let otherMethod = "other"
}
