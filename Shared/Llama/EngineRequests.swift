internal import RankerCore

// What callers ask, checked and tokenised, before the engine's thread sees it.
extension LlamaEngine {
    /// The work of scoring `candidates`, and the prompt's layout.
    ///
    /// - Throws: `LlamaError` naming the field at fault.
    func scoringWork(
        _ prompt: RankPrompt, _ candidates: [String], _ adapter: String
    ) throws -> (PromptPlan, EngineWork) {
        try withFaultsAsErrors {
            let trie = CandidateTrie(tokenLists: try tokenLists(candidates))
            let plan = try promptPlan(prompt)
            let waves = TrieWave.plan(
                trie, maximumTokens: options.waveTokens, maximumSequences: options.waveTokens)
            return (plan, try work(plan, prompt, adapter, .score(trie, waves)))
        }
    }

    /// The work of a generation, free without `candidates`.
    ///
    /// - Throws: `LlamaError` naming the field at fault.
    func generationWork(
        _ prompt: RankPrompt, _ candidates: [String], _ adapter: String,
        _ maximumTokenCount: Int, _ temperature: Float, _ seed: UInt64
    ) throws -> EngineWork {
        let limits = options.limits
        return try withFaultsAsErrors {
            guard (1...limits.generatedTokens).contains(maximumTokenCount) else {
                throw RankFault(
                    "maximum_token_count",
                    "is \(maximumTokenCount); give 1 to \(limits.generatedTokens)")
            }
            // The comparison is false for NaN too.
            guard temperature >= 0, temperature <= limits.temperature else {
                throw RankFault(
                    "temperature", "is \(temperature); give 0 to \(limits.temperature)")
            }
            let task = GenerationTask(
                candidates: candidates.isEmpty
                    ? nil : CandidateTrie(tokenLists: try tokenLists(candidates)),
                maximumTokenCount: maximumTokenCount, temperature: temperature, seed: seed,
                vocabulary: tokenizer)
            return try work(try promptPlan(prompt), prompt, adapter, .generate(task))
        }
    }

    private func work(
        _ plan: PromptPlan, _ prompt: RankPrompt, _ adapter: String,
        _ purpose: EngineWork.Purpose
    ) throws -> EngineWork {
        EngineWork(
            prompt: plan.inputs(vectors: prompt.vectors),
            adapter: try model.adapter(named: adapter)?.name, purpose: purpose)
    }

    private func promptPlan(_ prompt: RankPrompt) throws -> PromptPlan {
        try prompt.validate(limits: options.limits, embeddingWidth: model.embeddingDimension)
        return try PromptPlan(
            prompt, beginningOfSequence: tokenizer.beginningOfSequence,
            maximumPositions: options.maximumPromptTokens, tokenize: tokenizer.tokenize)
    }

    private func tokenLists(_ candidates: [String]) throws -> [[Int32]] {
        let limits = options.limits
        guard (1...limits.candidates).contains(candidates.count) else {
            throw RankFault(
                "candidates", "are \(candidates.count); give 1 to \(limits.candidates)")
        }
        let bytes = candidates.reduce(0) { $0 + $1.utf8.count }
        guard bytes <= limits.candidatesBytes else {
            throw RankFault(
                "candidates",
                "have \(bytes) bytes of text together; give at most \(limits.candidatesBytes)")
        }
        return try candidates.enumerated().map { index, text in
            try Task.checkCancellation()
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

    private func withFaultsAsErrors<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let fault as RankFault {
            throw LlamaError(fault)
        }
    }
}
