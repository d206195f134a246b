internal import CGGML
internal import CLlama
internal import Domain
internal import RankerCore

/// A model's KV cache and compute buffers; one thread uses it.
final class LlamaContext {
    /// What a decode came to.
    enum Outcome: Equatable {
        case done
        /// The flag stopped it; the cache may hold a part of it.
        case aborted
    }

    /// What the engine adds to the model's weights.
    private enum AppliedAdapter: Equatable {
        /// An adapter, or with nil none.
        case named(String?)
        case unknown
    }

    let model: LlamaModel
    private let pointer: OpaquePointer
    private let batch: DecodeBatch
    private let embeddings: any TokenEmbeddings
    private var appliedAdapter = AppliedAdapter.named(nil)
    /// Copies of sequences, outside the cache.
    private var snapshots: [Int: [UInt8]] = [:]
    /// The sequence that holds buried cells.
    private static let graveyard = llama_seq_id(EngineOptions.maximumSequences - 1)

    /// Makes a context whose batches look tokens up in `embeddings`, the model's own table.
    init(
        model: LlamaModel, embeddings: any TokenEmbeddings, options: EngineOptions
    ) throws(LlamaError) {
        try options.validate(for: model)
        guard embeddings.width == model.embeddingDimension else {
            throw LlamaError(
                .incompatible,
                "the embedding table has width \(embeddings.width), the model "
                    + "\(model.embeddingDimension); read both from one file")
        }
        var parameters = llama_context_default_params()
        parameters.n_ctx = UInt32(options.contextSize)
        // A step is one pass through the model, so that an aborted one leaves nothing behind.
        parameters.n_batch = UInt32(options.stepCapacity)
        parameters.n_ubatch = UInt32(options.stepCapacity)
        parameters.n_seq_max = UInt32(EngineOptions.maximumSequences)
        // The output buffer has a vocabulary's width of floats a row: room for waves, no more.
        parameters.n_outputs_max = UInt32(options.outputCapacity)
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
        self.embeddings = embeddings
        batch = DecodeBatch(capacity: options.stepCapacity, width: model.embeddingDimension)
    }

    deinit { llama_free(pointer) }

    private var memory: llama_memory_t { llama_get_memory(pointer) }

    /// Whether no sequence holds a position.
    var isEmpty: Bool {
        (0..<EngineOptions.maximumSequences).allSatisfy {
            llama_memory_seq_pos_max(memory, llama_seq_id($0)) < 0
        }
    }

    /// Does what `step` says.
    ///
    /// - Returns: The answers to its questions, or that `abort` stopped it.
    /// - Throws: `LlamaError` with `engine` when the model fails.
    func run(_ step: BatchStep, abort: AbortFlag) throws(LlamaError) -> StepOutcome {
        for command in step.commands { try perform(command) }
        guard !step.positions.isEmpty else { return .done([]) }
        try apply(step.adapter)
        guard try evaluate(step, abort: abort) == .done else { return .aborted }
        var answers: [LogitAnswer] = []
        for output in step.outputs {
            answers.append(output.question.answer(try logits(at: output.position)))
        }
        return .done(answers)
    }

    /// Evaluates the positions of `step`, looked up or, for a comparison, as tokens.
    func evaluate(
        _ step: BatchStep, asTokens: Bool = false, abort: AbortFlag
    ) throws(LlamaError) -> Outcome {
        batch.fill(step, embeddings: embeddings)
        let code = batch.withBatch(asTokens: asTokens) { decode($0, abort) }
        switch code {
        case 0: return .done
        case 2: return .aborted
        default:
            throw LlamaError(
                .engine, "llama_decode answered \(code)\(LlamaLog.takeReason())")
        }
    }

    /// The logits after the batch's position `index`, which must have asked for them; valid
    /// until the next decode.
    func logits(at index: Int) throws(LlamaError) -> UnsafeBufferPointer<Float> {
        guard let logits = llama_get_logits_ith(pointer, Int32(index)) else {
            throw LlamaError(.engine, "the engine gave no logits\(LlamaLog.takeReason())")
        }
        return UnsafeBufferPointer(start: logits, count: model.vocabularySize)
    }

    /// Changes the cache.
    func perform(_ command: CacheCommand) throws(LlamaError) {
        switch command {
        case .copy(let source, let target, let count):
            llama_memory_seq_cp(memory, source, target, 0, llama_pos(count))
        case .bury(let sequence, let index):
            llama_memory_seq_cp(memory, sequence, Self.graveyard, llama_pos(index), -1)
            try remove(sequence, from: 0)
        case .cut(let sequence, let index): try remove(sequence, from: index)
        case .save(let sequence, let snapshot): snapshots[snapshot] = try save(sequence)
        case .restore(let snapshot, let sequence, let count):
            try restore(snapshots[snapshot], to: sequence)
            try remove(sequence, from: count)
        case .drop(let snapshot): snapshots[snapshot] = nil
        case .dropAll: snapshots = [:]
        case .clear(let data): llama_memory_clear(memory, data)
        }
    }

    private func remove(_ sequence: Int32, from index: Int) throws(LlamaError) {
        guard llama_memory_seq_rm(memory, sequence, llama_pos(index), -1) else {
            throw LlamaError(.engine, "this model's cache cannot be cut")
        }
    }

    private func save(_ sequence: Int32) throws(LlamaError) -> [UInt8] {
        let size = llama_state_seq_get_size(pointer, sequence)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = llama_state_seq_get_data(pointer, buffer.baseAddress, size, sequence)
        }
        guard !bytes.isEmpty else {
            throw LlamaError(.engine, "a prompt cannot be saved\(LlamaLog.takeReason())")
        }
        return bytes
    }

    private func restore(_ bytes: [UInt8]?, to sequence: Int32) throws(LlamaError) {
        guard let bytes,
            llama_state_seq_set_data(pointer, bytes, bytes.count, sequence) == bytes.count
        else {
            throw LlamaError(.engine, "a prompt cannot be restored\(LlamaLog.takeReason())")
        }
    }

    /// Puts an adapter, or none, on the model for the decodes to come.
    private func apply(_ name: String?) throws(LlamaError) {
        guard appliedAdapter != .named(name) else { return }
        let adapter = try name.flatMap { name throws(LlamaError) in
            try model.adapter(named: name)
        }
        // After a change that fails nobody knows what is applied, so the next decode sets it again.
        appliedAdapter = .unknown
        var adapters = [adapter?.pointer]
        var scales: [Float] = [1]
        guard
            llama_set_adapters_lora(pointer, &adapters, adapter == nil ? 0 : 1, &scales) == 0
        else {
            throw LlamaError(.engine, "the adapter cannot be applied\(LlamaLog.takeReason())")
        }
        appliedAdapter = .named(name)
    }

    private func decode(_ batch: llama_batch, _ abort: AbortFlag) -> Int32 {
        withExtendedLifetime(abort) {
            llama_set_abort_callback(
                pointer,
                { data in
                    guard let data else { return false }
                    return Unmanaged<AbortFlag>.fromOpaque(data).takeUnretainedValue().mustStop
                }, Unmanaged.passUnretained(abort).toOpaque())
            defer { llama_set_abort_callback(pointer, nil, nil) }
            return llama_decode(pointer, batch)
        }
    }
}
