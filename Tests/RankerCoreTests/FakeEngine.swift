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

    private static let graveyard: Int32 = -1
    private var cells: [Cell?]
    /// Where the search for a free cell begins, as llama.cpp keeps it.
    private var head = 0
    private var snapshots: [Int: [(index: Int, content: UInt64)]] = [:]
    /// What is wrong, in the order in which it was seen.
    private(set) var faults: [String] = []
    /// Evaluated positions.
    private(set) var evaluated = 0
    /// How often the cache was cleared while something was saved for after it.
    private(set) var clearings = 0

    init(capacity: Int) { cells = Array(repeating: nil, count: capacity) }

    /// Sequences that hold something.
    var sequences: Set<Int32> {
        Set(cells.flatMap { $0?.sequences ?? [] }).subtracting([Self.graveyard])
    }

    /// Positions of the snapshots.
    var savedCount: Int { snapshots.values.reduce(0) { $0 + $1.count } }

    /// Does what `step` says; of an aborted one, the first half.
    mutating func run(_ step: BatchStep, aborts: Bool = false) -> StepOutcome {
        for command in step.commands { perform(command) }
        checkConsecutive(step)
        let last = aborts ? step.positions.count / 2 : step.positions.count
        for position in step.positions[..<last] {
            place(
                Cell(
                    index: position.index,
                    content: Self.content(position.input, step.adapter),
                    sequences: Set(step.sequences[position.sequences])))
            evaluated += 1
        }
        guard !aborts else { return .aborted }
        return .done(step.outputs.map { answer($0.question, after: path(of: $0, in: step)) })
    }

    /// Fails in the first half of what `step` says to do in the cache.
    mutating func fail(_ step: BatchStep) -> StepOutcome {
        for command in step.commands[..<(step.commands.count / 2)] { perform(command) }
        return .failed
    }

    private mutating func place(_ cell: Cell) {
        let taken = cells.count { $0 != nil }
        if head > taken + 2 { head = 0 }
        guard taken < cells.count else { return faults.append("no cell is free") }
        while cells[head % cells.count] != nil { head += 1 }
        head %= cells.count
        cells[head] = cell
        head += 1
    }

    private mutating func perform(_ command: CacheCommand) {
        switch command {
        case .copy(let source, let target, let count):
            if sequences.contains(target) { faults.append("a copy into sequence \(target)") }
            add(target, toCellsOf: source) { $0 < count }
        case .bury(let sequence, let index):
            add(Self.graveyard, toCellsOf: sequence) { $0 >= index }
            cut(sequence, from: 0)
            if head < cells.count, cells[..<head].contains(where: { $0 == nil }) {
                faults.append("a burial frees cells")
            }
        case .cut(let sequence, let index): cut(sequence, from: index)
        case .save(let sequence, let snapshot):
            snapshots[snapshot] = cells.compactMap { $0 }
                .filter { $0.sequences.contains(sequence) }
                .map { (index: $0.index, content: $0.content) }
        case .restore(let snapshot, let sequence, let count):
            if sequences.contains(sequence) { faults.append("restores into \(sequence)") }
            guard let saved = snapshots[snapshot] else {
                return faults.append("snapshot \(snapshot) is gone")
            }
            for (index, content) in saved {
                place(Cell(index: index, content: content, sequences: [sequence]))
            }
            cut(sequence, from: count)
        case .drop(let snapshot): snapshots[snapshot] = nil
        case .dropAll: snapshots = [:]
        case .clear:
            cells = Array(repeating: nil, count: cells.count)
            head = 0
            clearings += 1
        }
    }

    private mutating func add(
        _ target: Int32, toCellsOf source: Int32, where isMeant: (Int) -> Bool
    ) {
        for number in cells.indices {
            guard let cell = cells[number], cell.sequences.contains(source), isMeant(cell.index)
            else { continue }
            // llama.cpp counts a cell twice that is given to a sequence twice.
            if cell.sequences.contains(target) { faults.append("a cell given twice") }
            cells[number]?.sequences.insert(target)
        }
    }

    private mutating func cut(_ sequence: Int32, from index: Int) {
        for number in cells.indices {
            guard let cell = cells[number], cell.index >= index,
                cell.sequences.contains(sequence)
            else { continue }
            cells[number]?.sequences.remove(sequence)
            if cells[number]?.sequences.isEmpty == true {
                cells[number] = nil
                head = min(head, number)
            }
        }
    }

    /// llama.cpp refuses a batch whose positions do not continue their sequences, or whose
    /// sequences share a position and differ before it.
    private mutating func checkConsecutive(_ step: BatchStep) {
        var lengths: [Int32: Int] = [:]
        for cell in cells.compactMap({ $0 }) {
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

    /// What the sequences of an output's position hold up to it, in the order of cells: the same
    /// for all of them, and in the order of positions, or the model's sums would differ.
    private mutating func path(of output: BatchStep.Output, in step: BatchStep) -> [UInt64] {
        let position = step.positions[output.position]
        let paths = step.sequences[position.sequences].map { sequence in
            cells.compactMap { $0 }.filter {
                $0.sequences.contains(sequence) && $0.index <= position.index
            }
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
