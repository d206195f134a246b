public import Domain
public import RankerCore
internal import Threads

/// Scores candidates by an LLM's log-likelihood, and generates, on a thread of its own.
///
/// A prompt is read once and shared by the candidates, whose common beginnings are read once too;
/// it stays in the cache for a while, and a request that begins like it has only the rest read.
/// Several requests share the engine's batches. A score does not depend on the order of the
/// candidates, on who else asks, or on what ran before.
public final class LlamaEngine: Sendable {
    /// The sizes that the engine was made with.
    public let options: EngineOptions
    let model: LlamaModel
    let tokenizer: LlamaTokenizer
    private let mailbox: EngineMailbox

    /// Makes the context on its thread and reads one prompt by tokens and by embeddings.
    ///
    /// - Throws: `LlamaError` with `incompatible` for a model that does not take embeddings as it
    ///   takes tokens or options that do not fit it, `resourceExhausted` without memory.
    public init(
        model: LlamaModel, embeddings: any TokenEmbeddings, options: EngineOptions
    ) async throws(LlamaError) {
        self.model = model
        self.options = options
        tokenizer = LlamaTokenizer(model)
        try options.validate(for: model)
        let mailbox = EngineMailbox(limits: options.batchLimits)
        self.mailbox = mailbox
        let failure: LlamaError? = await withCheckedContinuation { ready in
            do throws(LlamaError) {
                // OpenMP keeps its workers by the thread that computes.
                try DedicatedThread.start(orThrow: {
                    LlamaError(.resourceExhausted, "no thread is left for the engine (errno \($0))")
                }) {
                    Self.serve(mailbox, model, embeddings, options) { ready.resume(returning: $0) }
                }
            } catch {
                ready.resume(returning: error)
            }
        }
        if let failure { throw failure }
    }

    deinit { mailbox.close() }

    /// What the engine has done and holds, for metrics and logs.
    public var statistics: EngineStatistics { mailbox.statistics }

    /// Log-likelihoods of `candidates` after `prompt`.
    ///
    /// An empty `adapter` means none. When `deadline` passes
    /// after the prompt was read, the candidates not reached have no score; candidates are
    /// reached about in their order. `withPromptTokens` also gives what stands at each position of
    /// the prompt.
    ///
    /// - Throws: `LlamaError` with `invalidArgument` (naming the field), `notFound` for an
    ///   adapter, `resourceExhausted` when too much waits, `deadlineExceeded` when the
    ///   prompt could not be read in time, `unavailable` while shutting down; or
    ///   `CancellationError` at once when the task is cancelled.
    public func score(
        prompt: RankPrompt, candidates: [String], adapter: String = "",
        deadline: ContinuousClock.Instant? = nil, withPromptTokens: Bool = false
    ) async throws -> RankScores {
        let submitted = ContinuousClock.now
        try mailbox.requireRoom()
        let (plan, work) = try scoringWork(prompt, candidates, adapter)
        let id = mailbox.makeID()
        let alarm = alarm(id, deadline)
        defer { alarm?.cancel() }
        var scores = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reply in
                do throws(LlamaError) {
                    try submit(work, id, .scores(reply), submitted, deadline)
                } catch {
                    reply.resume(throwing: error)
                }
            }
        } onCancel: {
            mailbox.cancel(id)
        }
        if withPromptTokens { scores.promptTokens = plan.tokens(tokenizer) }
        return scores
    }

    /// Generates after `prompt`: free text up to a newline, as trained, or the model's end of
    /// text, or, with `candidates`, one of these texts.
    ///
    /// The stream holds what its reader has not taken, at most `maximumTokenCount` tokens. Who
    /// stops reading, by leaving the loop or by cancelling the task, frees the engine at once.
    /// When `deadline` passes after the prompt was read, the last token says so.
    ///
    /// - Parameters:
    ///   - maximumTokenCount: 1 to `limits.generatedTokens`.
    ///   - temperature: 0 for the most likely token each time, up to `limits.temperature`.
    ///   - seed: the same seed, prompt and adapter give the same text.
    /// - Throws: As ``score(prompt:candidates:adapter:deadline:withPromptTokens:)``, here for what
    ///   is wrong with the request or when it is refused, from the stream for the rest.
    public func generate(
        prompt: RankPrompt, candidates: [String] = [], adapter: String = "",
        maximumTokenCount: Int = 64, temperature: Float = 0, seed: UInt64 = 0,
        deadline: ContinuousClock.Instant? = nil
    ) throws -> AsyncThrowingStream<GeneratedToken, any Error> {
        let submitted = ContinuousClock.now
        try mailbox.requireRoom()
        let work = try generationWork(
            prompt, candidates, adapter, maximumTokenCount, temperature, seed)
        let (stream, continuation) = AsyncThrowingStream<GeneratedToken, any Error>.makeStream()
        let id = mailbox.makeID()
        let alarm = alarm(id, deadline)
        continuation.onTermination = { [mailbox] _ in
            alarm?.cancel()
            mailbox.cancel(id)
        }
        try submit(work, id, .tokens(continuation), submitted, deadline)
        return stream
    }

    /// Refuses what waits or comes, stops what runs, and returns when the thread has ended.
    public func shutDown() async {
        mailbox.close()
        await mailbox.waitForEnd()
    }

    private func alarm(
        _ id: RequestID, _ deadline: ContinuousClock.Instant?
    ) -> Task<Void, any Error>? {
        deadline.map { deadline in
            Task { [mailbox] in
                try await Task.sleep(until: deadline, clock: .continuous)
                mailbox.expire(id)
            }
        }
    }

    /// Queues `work`, and stops it if its caller gave up or its alarm rang before it was there.
    private func submit(
        _ work: EngineWork, _ id: RequestID, _ client: EngineMailbox.Client,
        _ submitted: ContinuousClock.Instant, _ deadline: ContinuousClock.Instant?
    ) throws(LlamaError) {
        try mailbox.submit(work, id: id, client: client, at: submitted)
        if Task.isCancelled { mailbox.cancel(id) }
        if let deadline, deadline <= .now { mailbox.expire(id) }
    }

    /// The thread's body.
    private static func serve(
        _ mailbox: EngineMailbox, _ model: LlamaModel, _ embeddings: any TokenEmbeddings,
        _ options: EngineOptions, ready: (LlamaError?) -> Void
    ) {
        defer { mailbox.end() }
        do throws(LlamaError) {
            let context = try LlamaContext(model: model, embeddings: embeddings, options: options)
            try EmbeddingPathCheck.run(context)
            ready(nil)
            mailbox.serve { step, abort throws(LlamaError) in
                try context.run(step, abort: abort)
            }
        } catch {
            ready(error)
        }
    }
}
