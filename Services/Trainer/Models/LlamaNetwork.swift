internal import GGML
public import Torch

/// A frozen network of the Llama family with a trained LoRA adapter, read from the GGUF file that
/// the ranker serves.
///
/// The rows of a batch are laid end to end without padding. What it computes is what llama.cpp
/// computes. Not Sendable, like its tensors.
public final class LlamaNetwork {
    /// Sizes of the network.
    public let shape: LlamaShape
    /// What its weights and activations are.
    public let type: Tensor.ElementType
    /// Where they are.
    public let device: Tensor.Device
    /// The adapter in use; it must be of ``shape``.
    public var lora: LoRAAdapter?
    let library: TorchLibrary
    let weights: LlamaWeights

    /// Reads a model, dequantised to `type`: twice the parameters in bytes for bfloat16.
    ///
    /// - Throws: `GGUFError` for a file that is faulty, of another architecture or has parts that
    ///   are not computed here; `TorchError` when torch lacks the device or the memory.
    public init(
        path: String, library: TorchLibrary, type: Tensor.ElementType = .bfloat16,
        device: Tensor.Device = .cpu
    ) throws {
        guard type == .bfloat16 || type == .float32 else {
            throw TorchError(
                code: .unsupported, message: "a network computes in bfloat16 or float32")
        }
        guard try library.isAvailable(device) else {
            throw TorchError(
                code: .unsupported,
                message: "this torch finds no such device; next: use the CPU, or install a "
                    + "torch for the device")
        }
        let file = try GGUFFile(path: path)
        let shape = try LlamaShape(file)
        self.shape = shape
        self.type = type
        self.device = device
        self.library = library
        weights = try LlamaWeights(file, shape, library: library, type: type, device: device)
    }

    /// The sum of the log-probabilities of each branch's tokens: float32 [branches], example after
    /// example.
    ///
    /// Gradients flow to the adapter and to `vectors`.
    ///
    /// - Parameters:
    ///   - vectors: [n, H], what positions of kind `vector` name; nil when there are none.
    ///   - training: whether the adapter's dropout is on.
    /// - Throws: `TorchError` with `badArgument` for an empty prompt or branch, a token or vector
    ///   that is not there, vectors of another width, an adapter of another network.
    public func logLikelihoods(
        _ examples: [PromptExample], vectors: Tensor? = nil, training: Bool
    ) throws -> Tensor {
        let vectorCount = try count(vectors)
        let batch = try PackedBatch(
            examples, vectorCount: vectorCount, vocabulary: shape.vocabulary)
        let logits = try self.logits(batch, vectors: vectors, training: training)
        let probabilities = try logits.converted(to: .float32).logSoftmax(-1)
        let places = batch.predictions.map { $0.row * shape.vocabulary + $0.token }
        let chosen = try probabilities.reshaped([-1])
            .selecting(place(library.indices(places, shape: [places.count])), dimension: 0)
        var sums = [Float](repeating: 0, count: batch.branchCount * places.count)
        for (index, prediction) in batch.predictions.enumerated() {
            sums[prediction.branch * places.count + index] = 1
        }
        return try place(library.tensor(sums, shape: [batch.branchCount, places.count]))
            .matmul(chosen)
    }

    /// Logits of the next token at every predicting row: [rows, vocabulary], of ``type``.
    func logits(
        _ batch: PackedBatch, vectors: Tensor?, training: Bool
    ) throws(TorchError) -> Tensor {
        if let lora, lora.shape != shape {
            throw TorchError(
                code: .badArgument,
                message: "the adapter is of another network; give one trained on this model")
        }
        let pass = try LlamaPass(self, batch, training: training)
        var state = try embedded(batch, vectors)
        for block in 0..<shape.blocks { state = try pass.block(block, state) }
        let rows = try place(
            library.indices(batch.predictingRows, shape: [batch.predictingRows.count]))
        let last = try state.selecting(rows, dimension: 0)
            .rmsNorm(weights.outputNorm, epsilon: shape.epsilon)
        return try last.linear(weights.output)
    }

    /// The root mean square of the token embeddings.
    public func embeddingScale() throws(TorchError) -> Double {
        let table = try weights.embeddings.converted(to: .float32)
        return try Double(table.square().reduced(.mean).item()).squareRoot()
    }

    /// What each row holds at the input: [rows, H].
    private func embedded(
        _ batch: PackedBatch, _ vectors: Tensor?
    ) throws(TorchError) -> Tensor {
        let tokens = try place(library.indices(batch.tokens, shape: [batch.tokens.count]))
        var sources = try weights.embeddings.rows(tokens)
        guard let vectors else { return sources }
        sources = try .concatenated(
            [sources, vectors.converted(to: type, device: device)], dimension: 0)
        let order = try place(library.indices(batch.sources, shape: [batch.sources.count]))
        return try sources.selecting(order, dimension: 0)
    }

    private func count(_ vectors: Tensor?) throws(TorchError) -> Int {
        guard let sizes = try vectors?.shape() else { return 0 }
        guard sizes.count == 2, sizes[1] == shape.width else {
            throw TorchError(
                code: .badArgument,
                message: "vectors of the shape \(sizes); this model takes [n, \(shape.width)]")
        }
        return sizes[0]
    }

    /// The tensor on the network's device.
    func place(_ tensor: Tensor) throws(TorchError) -> Tensor {
        device == .cpu ? tensor : try tensor.converted(device: device)
    }
}
