internal import CGGML
internal import CLlama
internal import RankerCore

/// A model's KV cache and compute buffers; one thread uses it.
final class LlamaContext {
    /// What a decode came to.
    enum Outcome: Equatable {
        case done
        /// The control stopped it; the cache holds a part of it.
        case stopped
    }

    let model: LlamaModel
    private let pointer: OpaquePointer
    private let batch: DecodeBatch
    private var appliedAdapter: OpaquePointer?
    /// Sequences that hold the prompt, counted from 0.
    private var promptSequenceCount = 1

    init(model: LlamaModel, options: EngineOptions) throws(LlamaError) {
        try options.validate(for: model)
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(options.contextSize)
        parameters.n_batch = UInt32(options.contextSize)
        parameters.n_seq_max = UInt32(EngineOptions.maximumSequences)
        // The output buffer has a vocabulary's width of floats a row: room for a wave, no more.
        parameters.n_outputs_max = UInt32(EngineOptions.maximumSequences)
        parameters.n_threads = Int32(options.threads)
        parameters.n_threads_batch = Int32(options.threads)
        // A token may belong to several sequences only in a cache that they share.
        parameters.kv_unified = true
        // Keys in half precision, values in bfloat16: ggml's CPU attention then has one kernel
        // for every batch, which walks the cells that a token may see one by one and adds up in
        // float32. So a score is the same bits whatever else is in its batch or in the cache.
        // With both in half precision, kernels change with the batch's size and add up in half
        // precision: candidates' log-likelihoods move by up to 0.4, and their distance to those
        // of the float32 model grows from 0.17 to 0.44 (root mean square; SmolLM2-135M, Q8_0).
        parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_ENABLED
        parameters.type_k = GGML_TYPE_F16
        parameters.type_v = GGML_TYPE_BF16
        parameters.no_perf = true
        guard let pointer = llama_init_from_model(model.pointer, parameters) else {
            throw LlamaError(
                .resourceExhausted,
                "no context of \(options.contextSize) tokens can be made\(LlamaLog.takeReason()); "
                    + "lower the context size or give the process more memory")
        }
        self.model = model
        self.pointer = pointer
        batch = DecodeBatch(
            capacity: options.contextSize, sequenceCount: EngineOptions.maximumSequences)
    }

    deinit { llama_free(pointer) }

    private var memory: llama_memory_t { llama_get_memory(pointer) }

    /// Whether no sequence holds a position.
    var isEmpty: Bool {
        (0..<EngineOptions.maximumSequences).allSatisfy {
            llama_memory_seq_pos_max(memory, llama_seq_id($0)) < 0
        }
    }

    /// Forgets every position; `data` also overwrites what they held, which a value that is not
    /// finite could spoil later requests with.
    func clear(data: Bool = false) {
        llama_memory_clear(memory, data)
        promptSequenceCount = 1
    }

    /// Puts `adapter`, or none, on the model for the decodes to come.
    func apply(_ adapter: LoadedAdapter?) throws(LlamaError) {
        guard adapter?.pointer != appliedAdapter else { return }
        var adapters = [adapter?.pointer]
        var scales: [Float] = [1]
        guard
            llama_set_adapters_lora(pointer, &adapters, adapter == nil ? 0 : 1, &scales) == 0
        else {
            throw LlamaError(.engine, "the adapter cannot be applied\(LlamaLog.takeReason())")
        }
        appliedAdapter = adapter?.pointer
    }

    /// Reads a prompt given as rows of the input space, into sequence 0; ``logits(at:)`` has
    /// what follows its last position.
    func evaluate(embeddings: inout [Float], control: DecodeControl) throws(LlamaError) -> Outcome {
        let count = embeddings.count / model.embeddingDimension
        batch.removeAll()
        for position in 0..<count {
            batch.append(
                position: position, sequences: 0..<1, needsLogits: position == count - 1)
        }
        let code = embeddings.withUnsafeMutableBufferPointer { rows in
            decode(batch.llamaBatch(embeddings: rows.baseAddress), control)
        }
        return try outcome(code)
    }

    /// The same for a prompt of text tokens alone.
    func evaluate(tokens: [Int32], control: DecodeControl) throws(LlamaError) -> Outcome {
        batch.removeAll()
        for (position, token) in tokens.enumerated() {
            batch.append(
                token: token, position: position, sequences: 0..<1,
                needsLogits: position == tokens.count - 1)
        }
        return try outcome(decode(batch.llamaBatch(), control))
    }

    /// Reads a wave after the prompt of `promptCount` positions in sequence 0.
    func evaluate(
        _ wave: TrieWave, of trie: CandidateTrie, promptCount: Int, control: DecodeControl
    ) throws(LlamaError) -> Outcome {
        try dropWave(promptCount: promptCount)
        while promptSequenceCount < wave.sequenceCount {
            llama_memory_seq_cp(
                memory, 0, llama_seq_id(promptSequenceCount), 0, llama_pos(promptCount))
            promptSequenceCount += 1
        }
        batch.removeAll()
        for entry in wave.entries {
            let node = trie.nodes[entry.node]
            batch.append(
                token: node.token, position: promptCount + node.depth,
                sequences: entry.sequences, needsLogits: entry.needsLogits)
        }
        return try outcome(decode(batch.llamaBatch(), control))
    }

    /// The logits after the batch's position `index`, which must have asked for them; valid
    /// until the next decode.
    func logits(at index: Int) throws(LlamaError) -> UnsafeBufferPointer<Float> {
        guard let logits = llama_get_logits_ith(pointer, Int32(index)) else {
            throw LlamaError(.engine, "the engine gave no logits\(LlamaLog.takeReason())")
        }
        return UnsafeBufferPointer(start: logits, count: model.vocabularySize)
    }

    /// Index of the batch's last position.
    var lastIndex: Int { batch.count - 1 }

    private func dropWave(promptCount: Int) throws(LlamaError) {
        guard llama_memory_seq_rm(memory, -1, llama_pos(promptCount), -1) else {
            throw LlamaError(
                .incompatible, "this model's cache cannot be cut back to the prompt")
        }
    }

    private func decode(_ batch: llama_batch, _ control: DecodeControl) -> Int32 {
        withExtendedLifetime(control) {
            llama_set_abort_callback(
                pointer,
                { data in
                    guard let data else { return false }
                    return Unmanaged<DecodeControl>.fromOpaque(data).takeUnretainedValue().mustStop
                }, Unmanaged.passUnretained(control).toOpaque())
            defer { llama_set_abort_callback(pointer, nil, nil) }
            return llama_decode(pointer, batch)
        }
    }

    private func outcome(_ code: Int32) throws(LlamaError) -> Outcome {
        switch code {
        case 0: return .done
        case 2: return .stopped
        default:
            throw LlamaError(
                .engine, "llama_decode answered \(code)\(LlamaLog.takeReason())")
        }
    }
}
