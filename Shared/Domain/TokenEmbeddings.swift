/// The LLM's input embeddings: what a text token looks like among behavioural tokens.
public protocol TokenEmbeddings: Sendable {
    /// Floats of a row, the width of the LLM's input space.
    var width: Int { get }
    /// The row of `token`, ``width`` floats; the token is in the vocabulary.
    func row(_ token: Int32) -> [Float]
}
