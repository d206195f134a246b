public import Domain

/// Writes the hybrid prompt and its relatives (LLaRA section 3.2).
public struct PromptComposer: Sendable {
    /// The newest so many history items are shown.
    public static let maximumHistory = 10
    /// What separates items.
    public static let separator = ", "

    private let template: PromptTemplate
    private let representation: Representation

    /// A composer for one template and representation.
    public init(template: PromptTemplate, representation: Representation) {
        self.template = template
        self.representation = representation
    }

    /// The prompt of a request; neighbouring text is one piece, because each piece is tokenised
    /// by itself and training cuts at the same places.
    ///
    /// `history` is oldest first and at most ``maximumHistory`` long; `candidates` stand in the
    /// order to be shown.
    ///
    /// The user state stands right after the history, whose sum it is, as a behavioural token
    /// stands after its title. It changes with every interaction: behind the history it leaves the
    /// ranker the positions before it that an earlier prompt of the user has filled. A prompt
    /// without behavioural tokens is text alone, so it has no state either.
    ///
    /// - Parameter hasUserState: whether the release was trained with one and the user has one,
    ///   that is, at least one item that the release knows.
    public func compose(
        history: [PromptItem], candidates: [PromptItem], hasUserState: Bool = false
    ) -> [PromptPiece] {
        precondition(history.count <= Self.maximumHistory, "the caller cuts the history")
        var pieces = PieceList()
        pieces.add(template.beforeHistory)
        add(history, numberedFrom: 1, to: &pieces)
        if hasUserState && representation.hasBehaviouralTokens { pieces.add(.userState) }
        pieces.add(template.beforeCandidates)
        add(candidates, numberedFrom: history.count + 1, to: &pieces)
        pieces.add(template.afterCandidates)
        return pieces.pieces
    }

    /// What the ranker scores for a candidate: its name, with leading blank and newline.
    ///
    /// `position` is the candidate's place among history and candidates, counted from 1.
    public func answer(for candidate: PromptItem, position: Int) -> String {
        representation == .index ? " \(position)\n" : " \(candidate.title)\n"
    }

    private func add(_ items: [PromptItem], numberedFrom first: Int, to pieces: inout PieceList) {
        for (offset, item) in items.enumerated() {
            if offset > 0 { pieces.add(Self.separator) }
            switch representation {
            case .text:
                pieces.add(item.title)
            case .index:
                pieces.add("\(first + offset)")
            case .behavioural:
                // Without a row there is no token; the title keeps the item in the prompt.
                if item.hasBehaviouralToken {
                    pieces.add(.behaviouralToken(itemID: item.id))
                } else {
                    pieces.add(item.title)
                }
            case .hybrid:
                pieces.add(item.title)
                if item.hasBehaviouralToken { pieces.add(.behaviouralToken(itemID: item.id)) }
            }
        }
    }
}

private struct PieceList {
    private(set) var pieces: [PromptPiece] = []

    mutating func add(_ text: String) {
        if case .text(let before) = pieces.last {
            pieces[pieces.count - 1] = .text(before + text)
        } else {
            pieces.append(.text(text))
        }
    }

    mutating func add(_ vector: PromptPiece) { pieces.append(vector) }
}
