internal import RankerCore

/// Whether a model takes looked-up embeddings as it takes tokens.
///
/// The prompt is sent as embeddings, and some families scale or add to the rows of the table
/// before their first layer: their scores would be wrong without a sign.
enum EmbeddingPathCheck {
    /// Greatest difference of a logit between the two paths; of the Llama family none differs.
    static let tolerance: Float = 1e-3
    /// Common words that any vocabulary holds.
    static let text = "This user has watched these films in the past: Alien, Heat, Fargo."

    /// Reads one prompt by both paths, which also warms the model up.
    ///
    /// - Throws: `LlamaError` with `incompatible` when the logits differ.
    static func run(_ context: LlamaContext) throws(LlamaError) {
        let tokenizer = LlamaTokenizer(context.model)
        let tokens =
            (tokenizer.beginningOfSequence.map { [$0] } ?? [])
            + (try tokenizer.tokenize(text))
        let step = BatchStep(
            prompt: tokens.map(PositionInput.token), sequence: 0, question: .logProbabilities([]))
        let abort = AbortFlag()
        _ = try context.evaluate(step, asTokens: true, abort: abort)
        let byTokens = Array(try context.logits(at: tokens.count - 1))
        try context.perform(.clear(data: false))
        _ = try context.evaluate(step, abort: abort)
        let byRows = try context.logits(at: tokens.count - 1)
        // A comparison with NaN is false, so that a model that gives NaN does not pass either.
        let isEqual = zip(byTokens, byRows).allSatisfy { abs($0 - $1) <= tolerance }
        try context.perform(.clear(data: true))
        guard isEqual else {
            throw LlamaError(
                .incompatible,
                "the model's logits for embeddings differ from those for tokens by more than "
                    + "\(tolerance); it cannot read behavioural tokens, give a Llama-family model")
        }
    }
}
