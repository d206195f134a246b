/// One call of the engine: cache commands, then positions of several requests in one batch.
public struct BatchStep: Sendable, Equatable {
    /// A position to evaluate.
    public struct Position: Sendable, Equatable {
        /// What it holds.
        public let input: PositionInput
        /// Its place in each of its sequences, from 0.
        public let index: Int
        /// Where its sequences stand in ``BatchStep/sequences``.
        public let sequences: Range<Int>
    }

    /// Logits to read once the batch is evaluated.
    public struct Output: Sendable, Equatable {
        /// Number of the position in the batch.
        public let position: Int
        /// What is wanted of them.
        public let question: LogitQuestion
    }

    /// One request's part of the batch.
    public struct Share: Sendable, Equatable {
        /// The request.
        public let request: RequestID
        /// Whether it had no part of any step before.
        public let isFirst: Bool
        /// Its place in ``BatchStep/outputs``.
        public internal(set) var outputs: Range<Int>
    }

    /// The adapter that all positions share, by name; nil for the bare model.
    public internal(set) var adapter: String?
    /// What to do in the cache before the batch is evaluated, in order.
    public internal(set) var commands: [CacheCommand] = []
    /// The batch; empty when only the cache is to be tidied.
    public internal(set) var positions: [Position] = []
    /// Sequences of the cache, referred to by ``Position/sequences``.
    public internal(set) var sequences: [Int32] = []
    /// What to read, in the order of positions; the answers are given in this order.
    public internal(set) var outputs: [Output] = []
    /// Whose positions these are, in their order.
    public internal(set) var shares: [Share] = []

    init() {}

    /// A whole prompt in one step, with a question after its last position.
    public init(prompt: [PositionInput], sequence: Int32, question: LogitQuestion) {
        for (index, input) in prompt.enumerated() {
            append(
                input, at: index, in: CollectionOfOne(sequence),
                question: index == prompt.count - 1 ? question : nil)
        }
    }

    mutating func append(
        _ input: PositionInput, at index: Int, in ids: some Collection<Int32>,
        question: LogitQuestion?
    ) {
        let first = sequences.count
        sequences += ids
        if let question {
            outputs.append(Output(position: positions.count, question: question))
        }
        positions.append(
            Position(input: input, index: index, sequences: first..<sequences.count))
    }
}

/// Number of a request, given by whoever submits it and never used twice.
public typealias RequestID = UInt64

/// What one position of the engine's input holds.
public enum PositionInput: Sendable, Equatable {
    /// A text token.
    case token(Int32)
    /// A row of the LLM's input space.
    case vector(ArraySlice<Float>)

    /// The same with memory of its own: a slice holds the whole tensor that it was cut from.
    var detached: PositionInput {
        switch self {
        case .token: self
        case .vector(let row): .vector(ArraySlice(Array(row)))
        }
    }
}

/// A change of the engine's cache.
///
/// The engine takes free cells upwards from the lowest, and adds attention up in the order of
/// cells. A score is the same bits only if a sequence's cells stand in the order of its
/// positions; so cells are only ever added at the end: what is over is buried, and keeps its
/// cells until all are cleared at once.
public enum CacheCommand: Sendable, Equatable {
    /// The first `count` positions of one sequence belong to another, empty one too.
    case copy(from: Int32, to: Int32, count: Int)
    /// A sequence is empty; its cells with positions from `index` on stay taken.
    case bury(sequence: Int32, from: Int)
    /// A sequence loses its positions from `index` on, which are the last that were added.
    case cut(sequence: Int32, from: Int)
    /// A copy of a sequence is kept outside the cache under a number.
    case save(sequence: Int32, snapshot: Int)
    /// An empty sequence gets the first `count` positions of a snapshot.
    case restore(snapshot: Int, sequence: Int32, count: Int)
    /// A snapshot goes.
    case drop(snapshot: Int)
    /// All snapshots go, known or not: what came of the last commands is not known.
    case dropAll
    /// Every cell is free, and overwritten if `data`; snapshots stay.
    case clear(data: Bool)
}

/// What the engine's thread says of a step.
public enum StepOutcome: Sendable {
    /// Evaluated; one answer for each output.
    case done([LogitAnswer])
    /// Stopped on request, with any part of it left in the cache.
    case aborted
    /// The engine failed: the cache is not to be trusted.
    case failed
}
