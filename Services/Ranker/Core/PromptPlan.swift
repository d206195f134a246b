public import Domain

/// A tokenised prompt: what stands at each position.
public struct PromptPlan: Sendable, Equatable {
    /// What one position of the prompt holds.
    public enum Position: Sendable, Equatable {
        /// A text token.
        case token(Int32)
        /// A row of the prompt's vectors.
        case row(Int)
    }

    /// The positions in order.
    public let positions: [Position]

    /// Lays out `prompt`, each text segment tokenised by itself.
    ///
    /// `beginningOfSequence` stands first where the model's vocabulary asks for it.
    ///
    /// - Throws: `RankFault` for a prompt of no position or of more than `maximumPositions`, and
    ///   what `tokenize` throws.
    public init(
        _ prompt: RankPrompt, beginningOfSequence: Int32?, maximumPositions: Int,
        tokenize: (String) throws -> [Int32]
    ) throws {
        var positions = beginningOfSequence.map { [Position.token($0)] } ?? []
        let beginning = positions.count
        for segment in prompt.segments {
            switch segment {
            case .text(let text): positions += try tokenize(text).map(Position.token)
            case .vectors(let rows): positions += rows.map(Position.row)
            }
        }
        guard positions.count > beginning else {
            throw RankFault("prompt", "is empty; give at least one token or vector")
        }
        guard positions.count <= maximumPositions else {
            throw RankFault(
                "prompt",
                "has \(positions.count) tokens; shorten it to \(maximumPositions), or raise the "
                    + "ranker's context size")
        }
        self.positions = positions
    }

    /// The prompt as rows of the LLM's input space, one after another.
    ///
    /// The engine takes tokens or embeddings in a batch, not both; so the text's tokens are
    /// looked up, and the prompt is one batch of embeddings.
    public func embeddings(from table: some TokenEmbeddings, vectors: FloatTensor?) -> [Float] {
        var values: [Float] = []
        values.reserveCapacity(positions.count * table.width)
        for position in positions {
            switch position {
            case .token(let token): values += table.row(token)
            case .row(let row): if let vectors { values += vectors.row(row) }
            }
        }
        return values
    }
}
