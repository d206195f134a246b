internal import CoreMetrics
internal import Synchronization

/// Lets calls of some methods run, wait for their turn, or be refused at once.
public final class AdmissionInterceptor: ServerInterceptor {
    /// Tells calls apart: what a handler sends beside its responses is each call's own.
    private typealias CallID = ObjectIdentifier
    private typealias Controller = AdmissionController<CallID>

    /// A call that was not refused when it came.
    private enum Stage {
        /// With who is to be woken, once its task is there.
        case waits(CheckedContinuation<Void, Never>?)
        case runs(since: ContinuousClock.Instant, hasSucceeded: Bool = false)
        case refused(Controller.Refusal)
        case gaveUp
    }

    private struct State {
        var controllers: [RPCMethod: Controller]
        var stages: [CallID: Stage] = [:]

        /// Moves a call that waits on; returns whom to wake.
        mutating func settle(_ call: CallID, _ stage: Stage) -> CheckedContinuation<Void, Never>? {
            guard case .waits(let continuation) = stages[call] else { return nil }
            stages[call] = stage
            return continuation
        }
    }

    private let state: Mutex<State>
    private let refusals: [RPCMethod: Counter]

    /// Admits the calls of each method by its own configuration; other methods are not held up.
    ///
    /// Tells `insight` of refusals.
    ///
    /// - Throws: ``RPCError`` INVALID_ARGUMENT naming the setting that is out of range.
    public init(
        _ methods: [RPCMethod: AdmissionConfiguration], insight: RPCInsight = .process
    ) throws {
        for configuration in methods.values { try configuration.validate() }
        state = Mutex(
            State(controllers: methods.mapValues { AdmissionController($0, now: .now) }))
        refusals = Dictionary(
            uniqueKeysWithValues: methods.keys.compactMap { method in
                insight.metrics.map {
                    let label = (MetricLabel.method, method.description)
                    return (
                        method,
                        Counter(
                            label: MetricName.admissionRefusals, dimensions: [label], factory: $0)
                    )
                }
            })
    }

    private static func id(of context: CallContext) -> CallID { ObjectIdentifier(context.reply) }

    /// Throws RESOURCE_EXHAUSTED for a call that cannot be done in its time, with the time after
    /// which another may be made as `llara-retry-pushback-ms`.
    ///
    /// Here and not in the call's task, which may itself wait for a thread.
    public func arrived(_ context: CallContext) throws {
        let id = Self.id(of: context)
        let now = ContinuousClock.now
        let refusal = state.withLock { state -> Controller.Refusal? in
            switch state.controllers[context.method]?.arrived(
                id, deadline: context.deadline, now: now)
            {
            case nil: break
            case .start: state.stages[id] = .runs(since: now)
            case .wait: state.stages[id] = .waits(nil)
            case .refuse(let refusal): return refusal
            }
            return nil
        }
        if let refusal { throw refused(refusal, context) }
    }

    /// Waits for the call's turn; throws as ``arrived(_:)`` where it comes too late.
    public func intercept(
        _ context: CallContext, _ next: @Sendable () async throws -> Void
    ) async throws {
        let id = Self.id(of: context)
        await turn(of: id, context.method)
        switch state.withLock({ $0.stages[id] }) {
        case nil, .runs: break
        case .refused(let refusal): throw refused(refusal, context)
        case .gaveUp, .waits: throw CancellationError()
        }
        try await next()
        state.withLock { state in
            guard case .runs(let start, _) = state.stages[id] else { return }
            state.stages[id] = .runs(since: start, hasSucceeded: true)
        }
    }

    private func turn(of call: CallID, _ method: RPCMethod) async {
        let waits = state.withLock { state in
            if case .waits = state.stages[call] { true } else { false }
        }
        guard waits else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isSettled = state.withLock { state in
                    guard case .waits = state.stages[call] else { return true }
                    state.stages[call] = .waits(continuation)
                    return false
                }
                if isSettled { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                // False once it has its turn: it then runs, and ends as cancelled.
                state.controllers[method]?.abandoned(call) == true
                    ? state.settle(call, .gaveUp) : nil
            }
            waiter?.resume()
        }
    }

    /// Gives the call's place to one that waits.
    public func ended(_ context: CallContext, _ code: RPCError.Code) {
        let id = Self.id(of: context)
        let now = ContinuousClock.now
        let woken = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            switch state.stages.removeValue(forKey: id) {
            case .runs(let start, let hasSucceeded):
                let turns = state.controllers[context.method]?.ended(
                    started: start, isSuccess: hasSucceeded, now: now)
                return (turns ?? []).compactMap { turn in
                    switch turn {
                    case .start(let call): state.settle(call, .runs(since: now))
                    case .refuse(let call, let refusal): state.settle(call, .refused(refusal))
                    }
                }
            case .waits:
                // Refused by another interceptor before its turn.
                _ = state.controllers[context.method]?.abandoned(id)
                return []
            case nil, .refused, .gaveUp: return []
            }
        }
        for waiter in woken { waiter.resume() }
    }

    private func refused(_ refusal: Controller.Refusal, _ context: CallContext) -> RPCError {
        refusals[context.method]?.increment()
        let milliseconds = Int((refusal.retryAfter / .milliseconds(1)).rounded(.up))
        context.reply.trailing.add(text: "\(milliseconds)", for: RetryPushback.key)
        return RPCError(code: .resourceExhausted, message: refusal.reason)
    }
}
