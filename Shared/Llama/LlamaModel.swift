internal import CLlama

/// An LLM and its LoRA adapters, loaded by llama.cpp.
///
/// llama.cpp's loader is known to crash on hostile files: compare a file's hash with the
/// manifest's before it comes here.
public final class LlamaModel: @unchecked Sendable {
    // Unchecked: the model and its adapters are only read after init; llama.cpp lets contexts of
    // several threads share them.

    /// A LoRA adapter to load.
    public struct AdapterFile: Sendable, Hashable {
        /// The name that requests use.
        public let name: String
        /// Path of its GGUF file.
        public let path: String

        /// Names an adapter's file.
        public init(name: String, path: String) {
            self.name = name
            self.path = path
        }
    }

    /// Width of the model's input space.
    public let embeddingDimension: Int
    /// Number of tokens.
    public let vocabularySize: Int
    /// Longest text that the model was trained on, in tokens.
    public let trainedContextSize: Int
    /// Names of the loaded adapters, sorted.
    public let adapterNames: [String]
    /// What llama.cpp calls the model: `llama 135M Q8_0`.
    public let summary: String

    let pointer: OpaquePointer
    private let adapters: [String: OpaquePointer]

    /// Loads a GGUF file and its adapters.
    ///
    /// - Throws: `LlamaError` with `unreadable` for a file that does not load, `incompatible` for
    ///   a model that is not a causal transformer with plain positions.
    public init(path: String, adapters adapterFiles: [AdapterFile] = []) throws(LlamaError) {
        _ = LlamaLog.isStarted
        var parameters = llama_model_default_params()
        parameters.check_tensors = true
        guard let pointer = llama_model_load_from_file(path, parameters) else {
            throw LlamaError(
                .unreadable,
                "\(path) does not load as a model\(LlamaLog.takeReason()); give the GGUF file "
                    + "that the release names")
        }
        do throws(LlamaError) {
            try Self.requireCausalTransformer(pointer)
            adapters = try Self.load(adapterFiles, for: pointer)
        } catch {
            llama_model_free(pointer)
            throw error
        }
        self.pointer = pointer
        embeddingDimension = Int(llama_model_n_embd(pointer))
        vocabularySize = Int(llama_vocab_n_tokens(llama_model_get_vocab(pointer)))
        trainedContextSize = Int(llama_model_n_ctx_train(pointer))
        adapterNames = adapters.keys.sorted()
        var text = [CChar](repeating: 0, count: 128)
        _ = llama_model_desc(pointer, &text, text.count)
        summary = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    deinit { llama_model_free(pointer) }

    /// Compares the model with what a release's manifest says of it.
    ///
    /// - Throws: `LlamaError` with `incompatible`, naming both numbers.
    public func require(embeddingDimension: Int, vocabularySize: Int) throws(LlamaError) {
        guard
            (self.embeddingDimension, self.vocabularySize) == (embeddingDimension, vocabularySize)
        else {
            throw LlamaError(
                .incompatible,
                "the model has width \(self.embeddingDimension) and \(self.vocabularySize) tokens, "
                    + "the release wants \(embeddingDimension) and \(vocabularySize); give the "
                    + "model that the release was trained with")
        }
    }

    /// The adapter of this name; empty means none.
    ///
    /// - Throws: `LlamaError` with `notFound`.
    func adapter(named name: String) throws(LlamaError) -> LoadedAdapter? {
        if name.isEmpty { return nil }
        guard let adapter = adapters[name] else {
            throw LlamaError(
                .notFound,
                "this model has no such adapter; it has \(adapterNames.joined(separator: ", "))",
                field: "adapter")
        }
        return LoadedAdapter(name: name, pointer: adapter)
    }

    private static func requireCausalTransformer(_ pointer: OpaquePointer) throws(LlamaError) {
        let rope = llama_model_rope_type(pointer)
        let hasPlainPositions =
            rope != LLAMA_ROPE_TYPE_MROPE && rope != LLAMA_ROPE_TYPE_IMROPE
            && rope != LLAMA_ROPE_TYPE_VISION
        guard llama_model_has_decoder(pointer), !llama_model_has_encoder(pointer),
            !llama_model_is_recurrent(pointer), !llama_model_is_hybrid(pointer),
            !llama_model_is_diffusion(pointer), hasPlainPositions,
            llama_model_n_embd(pointer) == llama_model_n_embd_inp(pointer)
        else {
            throw LlamaError(
                .incompatible,
                "candidates can only be scored by a causal transformer with one position a token, "
                    + "such as the Llama family; give another model")
        }
    }

    private static func load(
        _ files: [AdapterFile], for pointer: OpaquePointer
    ) throws(LlamaError) -> [String: OpaquePointer] {
        var adapters: [String: OpaquePointer] = [:]
        for file in files {
            guard adapters[file.name] == nil else {
                throw LlamaError(.incompatible, "two adapters are called \(file.name)")
            }
            // The model owns it from here and frees it.
            guard let adapter = llama_adapter_lora_init(pointer, file.path) else {
                throw LlamaError(
                    .unreadable,
                    "\(file.path) does not load as an adapter of this model"
                        + "\(LlamaLog.takeReason()); give one trained on it")
            }
            adapters[file.name] = adapter
        }
        return adapters
    }
}

/// An adapter that its model keeps alive.
struct LoadedAdapter: @unchecked Sendable {
    // Unchecked: only read after the model's init, and only the engine's thread applies it.
    let name: String
    let pointer: OpaquePointer
}
