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
    static func run(
        _ context: LlamaContext, embeddings table: any TokenEmbeddings
    ) throws(LlamaError) {
        guard table.width == context.model.embeddingDimension else {
            throw LlamaError(
                .incompatible,
                "the embedding table has width \(table.width), the model "
                    + "\(context.model.embeddingDimension); read both from one file")
        }
        let tokenizer = LlamaTokenizer(context.model)
        let tokens =
            (tokenizer.beginningOfSequence.map { [$0] } ?? [])
            + (try tokenizer.tokenize(text))
        defer { context.clear() }
        let control = DecodeControl(deadline: nil)
        _ = try context.evaluate(tokens: tokens, control: control)
        let byTokens = Array(try context.logits(at: context.lastIndex))
        context.clear()
        var rows = tokens.flatMap { table.row($0) }
        _ = try context.evaluate(embeddings: &rows, control: control)
        let byRows = try context.logits(at: context.lastIndex)
        // A comparison with NaN is false, so that a model that gives NaN does not pass either.
        let isEqual = zip(byTokens, byRows).allSatisfy { abs($0 - $1) <= tolerance }
        guard isEqual else {
            throw LlamaError(
                .incompatible,
                "the model's logits for embeddings differ from those for tokens by more than "
                    + "\(tolerance); it cannot read behavioural tokens, give a Llama-family model")
        }
    }
}
