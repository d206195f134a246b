internal import Domain

/// A generation on its way: what was chosen, and what the engine has still to read.
struct GenerationState: Sendable {
    /// Chosen tokens that the engine has not read.
    private(set) var pending: [Int32] = []
    /// Chosen tokens that it has.
    private(set) var readCount = 0
    private(set) var isFinished = false
    private let task: GenerationTask
    /// By node: the first candidate that ends there.
    private let ends: [Int: Int]
    private var node: Int?
    private var random: SeededGenerator
    private var text = TextAssembler()
    private var tokenCount = 0
    private var events: [GeneratedToken] = []

    init(_ task: GenerationTask) {
        self.task = task
        random = SeededGenerator(seed: task.seed)
        let lastNodes = task.candidates?.lastNodes ?? []
        ends = Dictionary(zip(lastNodes, lastNodes.indices)) { first, _ in first }
    }

    /// What to ask of the logits after all that was chosen; the same until ``take(_:_:)``.
    var question: LogitQuestion {
        var random = random
        let allowed = task.candidates.map { trie in
            trie.children(of: node).map { trie.nodes[$0].token }
        }
        return .choice(
            allowed: allowed, temperature: task.temperature,
            uniform: Double.random(in: 0..<1, using: &random))
    }

    /// The engine has read so many of ``pending``.
    mutating func read(_ count: Int) {
        pending.removeFirst(count)
        readCount += count
    }

    /// Takes the token that was chosen, and those that are the only ones allowed after it.
    mutating func take(_ token: Int32, _ logProbability: Double) {
        _ = Double.random(in: 0..<1, using: &random)
        guard let trie = task.candidates else { return takeFree(token, logProbability) }
        var next = trie.children(of: node).first {
            trie.nodes[$0].token == token
        }
        var logProbability = logProbability
        while let child = next, !isFinished {
            node = child
            let candidate = ends[child]
            emit(
                trie.nodes[child].token, logProbability,
                bytes: task.vocabulary.bytes(of: trie.nodes[child].token),
                reason: candidate.map { _ in .candidate }, candidate: candidate)
            let children = trie.nodes[child].children
            next = children.count == 1 ? children[0] : nil
            logProbability = 0
        }
    }

    private mutating func takeFree(_ token: Int32, _ logProbability: Double) {
        let bytes = task.vocabulary.bytes(of: token)
        let newline = bytes.firstIndex(of: 0x0A)
        let isEnd = newline != nil || task.vocabulary.isEndOfGeneration(token)
        emit(
            token, logProbability, bytes: bytes[..<(newline ?? bytes.endIndex)],
            reason: isEnd ? .stop : nil)
    }

    private mutating func emit(
        _ token: Int32, _ logProbability: Double, bytes: some Sequence<UInt8>,
        reason: GeneratedToken.FinishReason?, candidate: Int? = nil
    ) {
        tokenCount += 1
        pending.append(token)
        let reason = reason ?? (tokenCount == task.maximumTokenCount ? .maximumTokenCount : nil)
        var piece = text.append(bytes)
        if reason != nil { piece += text.finish() }
        isFinished = reason != nil
        events.append(
            GeneratedToken(
                text: piece, token: token, logProbability: logProbability, finishReason: reason,
                candidateIndex: candidate, tokenCount: tokenCount))
    }

    /// The tokens since the last call.
    mutating func takeEvents() -> [GeneratedToken] {
        defer { events = [] }
        return events
    }

    /// The end that a passed deadline brings, with the characters that were begun.
    mutating func expire() -> GeneratedToken {
        GeneratedToken(
            text: text.finish(), token: nil, logProbability: nil, finishReason: .deadline,
            tokenCount: tokenCount)
    }
}
