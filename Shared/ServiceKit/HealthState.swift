public import RPC
public import ServiceAPI
internal import Synchronization
public import Wire

/// Whether this replica wants calls, and why not; answers the Health service.
public final class HealthState: HealthHandler {
    private struct State {
        var status = ServingStatus.notServing
        var reason = "starting"
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
    }

    /// More watchers than this on one replica are refused.
    public static let maximumWatchers = 256

    private let state = Mutex(State())
    private let serviceNames: Set<String>

    /// Starts as not serving, reason "starting"; answers for `serviceNames` and the empty name.
    public init(serviceNames: Set<String>) {
        self.serviceNames = serviceNames
    }

    /// Changes the status and tells the watchers.
    public func set(_ status: ServingStatus, reason: String = "") {
        change { state in
            state.status = status
            state.reason = reason
        }
    }

    /// Says what is degraded while the replica serves; otherwise the reason why it does not stays.
    public func setDegradation(_ reason: String) {
        change { state in
            if state.status == .serving { state.reason = reason }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let watchers = state.withLock { state in
            body(&state)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// The present status.
    public func check(
        _ request: HealthCheckRequest, context: CallContext
    ) async throws -> HealthCheckResponse {
        guard request.service.isEmpty || serviceNames.contains(request.service) else {
            throw RPCError(
                code: .notFound,
                message: "this replica serves \(serviceNames.sorted().joined(separator: ", "))")
        }
        return present()
    }

    /// The present status, then every change until the caller goes away.
    public func watch(
        _ request: HealthCheckRequest, context: CallContext,
        writer: TypedResponseWriter<HealthCheckResponse>
    ) async throws {
        // Of several changes the newest is enough, so one is buffered.
        let (changes, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = try state.withLock { state in
            guard state.watchers.count < Self.maximumWatchers else {
                throw RPCError(
                    code: .resourceExhausted,
                    message: "at most \(Self.maximumWatchers) watchers a replica")
            }
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = continuation
            return state.nextWatcher
        }
        defer { state.withLock { $0.watchers[id] = nil } }
        var last = try await check(request, context: context)
        try await writer.write(last)
        for await _ in changes {
            let now = present()
            if now != last { try await writer.write(now) }
            last = now
        }
    }

    private func present() -> HealthCheckResponse {
        state.withLock { state in
            HealthCheckResponse(
                status: state.status, version: BuildInformation.version, reason: state.reason)
        }
    }
}
