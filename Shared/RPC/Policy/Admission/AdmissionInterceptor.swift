internal import CoreMetrics
internal import Synchronization

/// Lets calls of some methods run, wait for their turn, or be refused at once.
public final class AdmissionInterceptor: ServerInterceptor {
    /// What becomes of a call that waits.
    private enum Outcome {
        case start
        case refuse(AdmissionController<UInt64>.Refusal)
        case gaveUp
    }

    private struct State {
        var controllers: [RPCMethod: AdmissionController<UInt64>]
        var waiters: [UInt64: CheckedContinuation<Outcome, Never>] = [:]
        /// Of calls that were told to wait and have not begun to.
        var early: [UInt64: Outcome] = [:]
        var nextCall: UInt64 = 0

        /// Tells a waiting call; returns whom to wake, if it is there already.
        mutating func settle(
            _ call: UInt64, _ outcome: Outcome
        ) -> CheckedContinuation<Outcome, Never>? {
            if let waiter = waiters.removeValue(forKey: call) { return waiter }
            early[call] = outcome
            return nil
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

    /// Throws RESOURCE_EXHAUSTED for a call that cannot be done in its time, with the time after
    /// which another may be made as `llara-retry-pushback-ms`.
    public func intercept(
        _ context: CallContext, _ next: @Sendable () async throws -> Void
    ) async throws {
        guard try await enter(context) else { return try await next() }
        let started = ContinuousClock.now
        do {
            try await next()
            leave(context.method, started: started, isSuccess: true)
        } catch {
            leave(context.method, started: started, isSuccess: false)
            throw error
        }
    }

    /// Waits for the call's turn; false for a method that is not held up.
    private func enter(_ context: CallContext) async throws -> Bool {
        let entry = state.withLock { state -> Entry in
            let call = state.nextCall
            state.nextCall += 1
            let decision = state.controllers[context.method]?.arrived(
                call, deadline: context.deadline, now: .now)
            return Entry(call: call, decision: decision)
        }
        switch entry.decision {
        case nil: return false
        case .start: return true
        case .refuse(let refusal): throw refused(refusal, context)
        case .wait: break
        }
        switch await turn(of: entry.call, context.method) {
        case .start: return true
        case .refuse(let refusal): throw refused(refusal, context)
        case .gaveUp: throw CancellationError()
        }
    }

    private struct Entry: Sendable {
        var call: UInt64
        var decision: AdmissionController<UInt64>.Decision?
    }

    private func turn(of call: UInt64, _ method: RPCMethod) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state in
                    let early = state.early.removeValue(forKey: call)
                    if early == nil { state.waiters[call] = continuation }
                    return early
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                // False once it has its turn: it then runs, and ends as cancelled.
                state.controllers[method]?.abandoned(call) == true
                    ? state.settle(call, .gaveUp) : nil
            }
            waiter?.resume(returning: .gaveUp)
        }
    }

    private func leave(
        _ method: RPCMethod, started: ContinuousClock.Instant, isSuccess: Bool
    ) {
        let woken = state.withLock { state in
            let turns =
                state.controllers[method]?.ended(
                    started: started, isSuccess: isSuccess, now: .now) ?? []
            return turns.compactMap { turn in
                let (call, outcome): (UInt64, Outcome) =
                    switch turn {
                    case .start(let call): (call, .start)
                    case .refuse(let call, let refusal): (call, .refuse(refusal))
                    }
                return state.settle(call, outcome).map { ($0, outcome) }
            }
        }
        for (waiter, outcome) in woken { waiter.resume(returning: outcome) }
    }

    private func refused(
        _ refusal: AdmissionController<UInt64>.Refusal, _ context: CallContext
    ) -> RPCError {
        refusals[context.method]?.increment()
        let milliseconds = Int((refusal.retryAfter / .milliseconds(1)).rounded(.up))
        context.reply.trailing.add(text: "\(milliseconds)", for: RetryPushback.key)
        return RPCError(code: .resourceExhausted, message: refusal.reason)
    }
}
