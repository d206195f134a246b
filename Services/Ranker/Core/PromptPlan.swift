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
            case .vectors(let rows):
                // Segments may share rows, so that a small request could ask for billions.
                guard rows.count <= maximumPositions - positions.count else {
                    throw Self.tooLong(positions.count + rows.count, maximumPositions)
                }
                positions += rows.map(Position.row)
            }
        }
        guard positions.count > beginning else {
            throw RankFault("prompt", "is empty; give at least one token or vector")
        }
        guard positions.count <= maximumPositions else {
            throw Self.tooLong(positions.count, maximumPositions)
        }
        self.positions = positions
    }

    private static func tooLong(_ count: Int, _ maximum: Int) -> RankFault {
        RankFault("prompt", "has \(count) tokens or more; shorten it to \(maximum)")
    }

    /// What the engine reads at each position; `vectors` has the rows.
    public func inputs(vectors: FloatTensor?) -> [PositionInput] {
        positions.compactMap { position in
            switch position {
            case .token(let token): .token(token)
            case .row(let row): vectors.map { .vector($0.row(row)) }
            }
        }
    }

    /// What stands at each position, for who wants to see it.
    public func tokens(_ vocabulary: some TokenVocabulary) -> [PromptToken] {
        positions.map { position in
            switch position {
            case .token(let token): .text(token: token, bytes: vocabulary.bytes(of: token))
            case .row(let row): .vector(row: row)
            }
        }
    }
}
