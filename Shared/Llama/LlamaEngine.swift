public import RankerCore

/// Scores candidates by an LLM's log-likelihood, on a thread of its own.
///
/// The prompt is read once, as one batch of embeddings, and shared by the candidates, whose common
/// beginnings are read once too. A score does not depend on the order of the candidates, on who
/// else asks, or on what ran before.
public final class LlamaEngine: Sendable {
    /// The sizes that the engine was made with.
    public let options: EngineOptions
    private let model: LlamaModel
    private let tokenizer: LlamaTokenizer
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
        let mailbox = EngineMailbox(maximumWaitingTokens: options.maximumWaitingTokens)
        self.mailbox = mailbox
        let failure: LlamaError? = await withCheckedContinuation { ready in
            do throws(LlamaError) {
                try EngineThread.start {
                    Self.serve(mailbox, model, embeddings, options) { ready.resume(returning: $0) }
                }
            } catch {
                ready.resume(returning: error)
            }
        }
        if let failure { throw failure }
    }

    deinit { mailbox.close() }

    /// Tokens of the requests that wait.
    public var waitingTokens: Int { mailbox.waitingTokens }

    /// Log-likelihoods of `candidates` after `prompt`.
    ///
    /// An empty `adapter` means the model's default one, if it has one. When `deadline` passes
    /// after the prompt was read, the candidates not reached have no score; candidates are
    /// reached about in their order.
    ///
    /// - Throws: `LlamaError` with `invalidArgument` (naming the field), `notFound` for an
    ///   adapter, `resourceExhausted` when too many tokens wait, `deadlineExceeded` when the
    ///   prompt could not be read in time, `unavailable` while shutting down; or
    ///   `CancellationError`, within an operation of the model (tens of milliseconds) after the
    ///   task was cancelled.
    public func score(
        prompt: RankPrompt, candidates: [String], adapter: String = "",
        deadline: ContinuousClock.Instant? = nil
    ) async throws -> RankScores {
        let control = DecodeControl(deadline: deadline)
        let job = try makeJob(prompt, candidates, adapter, control)
        let id = mailbox.makeID()
        let alarm = deadline.map { deadline in
            Task { [mailbox] in
                try await Task.sleep(until: deadline, clock: .continuous)
                mailbox.leave(id, error: ScoringJob.expired)
            }
        }
        defer { alarm?.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reply in
                mailbox.submit(job, id: id, reply: reply)
            }
        } onCancel: {
            control.cancel()
            mailbox.leave(id, error: CancellationError())
        }
    }

    /// Refuses what waits or comes, stops what runs, and returns when the thread has ended.
    public func shutDown() async {
        mailbox.close()
        await mailbox.waitForEnd()
    }

    private func makeJob(
        _ prompt: RankPrompt, _ candidates: [String], _ adapterName: String,
        _ control: DecodeControl
    ) throws -> ScoringJob {
        let submitted = ContinuousClock.now
        do {
            try prompt.validate(
                limits: options.limits, embeddingWidth: model.embeddingDimension)
            let lists = try tokenLists(candidates)
            let plan = try PromptPlan(
                prompt, beginningOfSequence: tokenizer.beginningOfSequence,
                maximumPositions: options.maximumPromptTokens, tokenize: tokenizer.tokenize)
            let trie = CandidateTrie(tokenLists: lists)
            return ScoringJob(
                plan: plan, vectors: prompt.vectors, trie: trie,
                waves: TrieWave.plan(
                    trie, maximumTokens: options.waveTokens,
                    maximumSequences: EngineOptions.maximumSequences),
                adapter: try model.adapter(named: adapterName), control: control,
                submitted: submitted)
        } catch let fault as RankFault {
            throw LlamaError(fault)
        }
    }

    private func tokenLists(_ candidates: [String]) throws -> [[Int32]] {
        let limits = options.limits
        guard (1...limits.candidates).contains(candidates.count) else {
            throw RankFault(
                "candidates", "are \(candidates.count); give 1 to \(limits.candidates)")
        }
        return try candidates.enumerated().map { index, text in
            guard (1...limits.candidateBytes).contains(text.utf8.count) else {
                throw RankFault(
                    "candidates[\(index)].text",
                    "has \(text.utf8.count) bytes; give 1 to \(limits.candidateBytes)")
            }
            let tokens = try tokenizer.tokenize(text)
            guard (1...limits.candidateTokens).contains(tokens.count) else {
                throw RankFault(
                    "candidates[\(index)].text",
                    "has \(tokens.count) tokens; give 1 to \(limits.candidateTokens)")
            }
            return tokens
        }
    }

    /// The thread's body.
    private static func serve(
        _ mailbox: EngineMailbox, _ model: LlamaModel, _ embeddings: any TokenEmbeddings,
        _ options: EngineOptions, ready: (LlamaError?) -> Void
    ) {
        defer { mailbox.end() }
        do throws(LlamaError) {
            let context = try LlamaContext(model: model, options: options)
            try EmbeddingPathCheck.run(context, embeddings: embeddings)
            ready(nil)
            mailbox.serve { try $0.run(on: context, embeddings: embeddings) }
        } catch {
            ready(error)
        }
    }
}
