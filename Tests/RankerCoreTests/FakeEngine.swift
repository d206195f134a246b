import Domain
import RankerCore

/// A cache with llama.cpp's rules, whose logits are a fixed function of what a sequence holds.
struct FakeEngine {
    private struct Cell {
        let index: Int
        /// What the position holds and with which adapter it was read.
        let content: UInt64
        var sequences: Set<Int32>
    }

    private var cells: [Cell] = []
    let capacity: Int
    /// Most cells that were ever held.
    private(set) var peak = 0
    /// What is wrong, in the order in which it was seen.
    private(set) var faults: [String] = []
    /// Evaluated positions.
    private(set) var evaluated = 0

    init(capacity: Int) { self.capacity = capacity }

    var cellCount: Int { cells.count }

    /// Sequences that hold something.
    var sequences: Set<Int32> { cells.reduce(into: []) { $0.formUnion($1.sequences) } }

    /// Does what `step` says; of an aborted one, the first half.
    mutating func run(_ step: BatchStep, aborts: Bool = false) -> StepOutcome {
        for command in step.commands { perform(command) }
        checkConsecutive(step)
        let last = aborts ? step.positions.count / 2 : step.positions.count
        for position in step.positions[..<last] {
            cells.append(
                Cell(
                    index: position.index,
                    content: Self.content(position.input, step.adapter),
                    sequences: Set(step.sequences[position.sequences])))
            evaluated += 1
        }
        peak = max(peak, cells.count)
        if cells.count > capacity { faults.append("\(cells.count) cells of \(capacity)") }
        guard !aborts else { return .aborted }
        return .done(step.outputs.map { answer($0.question, after: path(of: $0, in: step)) })
    }

    private mutating func perform(_ command: CacheCommand) {
        switch command {
        case .copy(let source, let target, let count):
            if sequences.contains(target) { faults.append("a copy into sequence \(target)") }
            for number in cells.indices
            where cells[number].sequences.contains(source) && cells[number].index < count {
                cells[number].sequences.insert(target)
            }
        case .remove(let sequence, let index):
            for number in cells.indices where cells[number].index >= index {
                cells[number].sequences.remove(sequence)
            }
            cells.removeAll { $0.sequences.isEmpty }
        case .wipe: cells = []
        }
    }

    /// llama.cpp refuses a batch whose positions do not continue their sequences, or whose
    /// sequences share a position and differ before it.
    private mutating func checkConsecutive(_ step: BatchStep) {
        var lengths: [Int32: Int] = [:]
        for cell in cells {
            for sequence in cell.sequences {
                lengths[sequence] = max(lengths[sequence] ?? 0, cell.index + 1)
            }
        }
        for position in step.positions {
            for sequence in step.sequences[position.sequences] {
                if lengths[sequence] ?? 0 != position.index {
                    faults.append("sequence \(sequence) goes on at \(position.index)")
                }
                lengths[sequence] = position.index + 1
            }
        }
    }

    /// What the sequences of an output's position hold up to it: the same for all of them.
    private mutating func path(of output: BatchStep.Output, in step: BatchStep) -> [UInt64] {
        let position = step.positions[output.position]
        let paths = step.sequences[position.sequences].map { sequence in
            cells.filter { $0.sequences.contains(sequence) && $0.index <= position.index }
                .sorted { $0.index < $1.index }
        }
        for path in paths {
            if path.map(\.index) != Array(0...position.index) { faults.append("a broken path") }
            if path.map(\.content) != paths[0].map(\.content) { faults.append("paths differ") }
        }
        return paths[0].map(\.content)
    }

    private func answer(_ question: LogitQuestion, after path: [UInt64]) -> LogitAnswer {
        switch question {
        case .logProbabilities(let tokens):
            return .logProbabilities(tokens.map { Self.logProbability(of: $0, after: path) })
        case .choice(let allowed, _, _):
            let token = (allowed ?? [1, 2, 3, 4, 5]).max {
                Self.logProbability(of: $0, after: path) < Self.logProbability(of: $1, after: path)
            }
            return .choice(token: token ?? 0, logProbability: -1)
        }
    }

    static func content(_ input: PositionInput, _ adapter: String?) -> UInt64 {
        var state = seed(of: adapter ?? "")
        switch input {
        case .token(let token): state = state &* 31 &+ UInt64(token)
        case .vector(let values):
            for value in values { state = state &* 37 &+ UInt64(value.bitPattern) }
        }
        var generator = SeededGenerator(seed: state)
        return generator.next()
    }

    private static func seed(of text: String) -> UInt64 {
        text.utf8.reduce(17) { $0 &* 31 &+ UInt64($1) }
    }

    /// The engine's answer, known from outside.
    static func logProbability(of token: Int32, after path: [UInt64]) -> Double {
        var generator = SeededGenerator(seed: path.reduce(UInt64(token)) { $0 &* 131 &+ $1 })
        return -Double.random(in: 0..<9, using: &generator)
    }

    /// What a candidate has after a prompt, scored alone.
    static func logLikelihood(
        of tokens: [Int32], after prompt: [PositionInput], adapter: String?
    ) -> Double {
        var path = prompt.map { content($0, adapter) }
        var sum = 0.0
        for token in tokens {
            sum += logProbability(of: token, after: path)
            path.append(content(.token(token), adapter))
        }
        return sum
    }
}
