public import Domain

/// A prompt of text and vectors, before it is tokenised.
public struct RankPrompt: Sendable, Equatable {
    /// A piece of a prompt.
    public enum Segment: Sendable, Equatable {
        /// Text, tokenised by itself: training cuts at the same places.
        case text(String)
        /// Rows of ``RankPrompt/vectors``, one position each.
        case vectors(rows: Range<Int>)
    }

    /// The pieces in order.
    public var segments: [Segment]
    /// Rows that segments refer to; nil when none does.
    public var vectors: FloatTensor?

    /// Makes a prompt; ``validate(limits:embeddingWidth:)`` says whether it can be ranked with.
    public init(segments: [Segment], vectors: FloatTensor? = nil) {
        self.segments = segments
        self.vectors = vectors
    }

    /// Checks everything that can be checked without a tokenizer, so that nothing wrong reaches
    /// the engine.
    ///
    /// - Throws: `RankFault` naming the field, for too many segments or bytes, rows that are not
    ///   there or that no segment uses, and vectors of another width, not finite or beyond
    ///   ``RankLimits/vectorMagnitude``.
    public func validate(limits: RankLimits, embeddingWidth: Int) throws(RankFault) {
        guard (1...limits.segments).contains(segments.count) else {
            throw RankFault(
                "prompt", "has \(segments.count) segments; give 1 to \(limits.segments)")
        }
        var bytes = 0
        var usedRows = 0
        for (index, segment) in segments.enumerated() {
            switch segment {
            case .text(let text):
                bytes += text.utf8.count
            case .vectors(let rows):
                guard rows.lowerBound >= 0, rows.upperBound <= vectors?.rows ?? 0 else {
                    throw RankFault(
                        "prompt[\(index)].vectors",
                        "asks for rows \(rows), the attachment has \(vectors?.rows ?? 0)")
                }
                usedRows += rows.count
            }
        }
        guard bytes <= limits.promptBytes else {
            throw RankFault(
                "prompt", "has \(bytes) bytes of text; shorten it to \(limits.promptBytes)")
        }
        guard let vectors else { return }
        // Waiting requests are bounded by their positions: a row beyond those would cost nothing.
        guard vectors.rows <= usedRows else {
            throw RankFault(
                "vectors",
                "have \(vectors.rows) rows, the prompt's segments use \(usedRows); send only "
                    + "those that it uses")
        }
        try Self.validate(vectors, limits, embeddingWidth)
    }

    private static func validate(
        _ vectors: FloatTensor, _ limits: RankLimits, _ width: Int
    ) throws(RankFault) {
        guard vectors.columns == width || vectors.rows == 0 else {
            throw RankFault(
                "vectors", "have \(vectors.columns) columns; this LLM's input has \(width)")
        }
        // The comparison is false for NaN too.
        let bound = limits.vectorMagnitude
        if let index = vectors.values.firstIndex(where: { !(abs($0) <= bound) }) {
            throw RankFault(
                "vectors",
                "the value in row \(index / width), column \(index % width) is not finite or "
                    + "beyond \(bound)")
        }
    }
}
