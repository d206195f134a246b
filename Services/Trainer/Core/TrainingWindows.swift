public import Domain

/// A stretch of one sequence: the items `start..<end` are read, `start + 1...end` predicted.
public struct TrainingWindow: Sendable, Hashable {
    /// Which sequence.
    public let sequence: Int
    /// Position of the first item read.
    public let start: Int
    /// Position after the last item read; the item there is its target.
    public let end: Int

    /// Makes a window.
    public init(sequence: Int, start: Int, end: Int) {
        self.sequence = sequence
        self.start = start
        self.end = end
    }

    /// Number of items read.
    public var count: Int { end - start }
}

/// The windows of one epoch.
public enum TrainingWindows {
    /// Cuts every sequence into windows so that each item after the first is predicted once.
    ///
    /// The cuts fall at a random phase, so every epoch shows other contexts; with `shortening` a
    /// window is cut again at a random place, so that short histories, as new users have, are
    /// trained too.
    /// - Parameters:
    ///   - lengths: the sequences' lengths; those below 2 give no window.
    ///   - window: most items of a window.
    ///   - shortening: the share of windows cut again.
    /// - Returns: the windows in random order.
    public static func covering(
        lengths: [Int], window: Int, shortening: Double, generator: inout SeededGenerator
    ) -> [TrainingWindow] {
        var windows: [TrainingWindow] = []
        for (sequence, length) in lengths.enumerated() where length >= 2 {
            var end = length - 1
            var size = 1 + generator.below(window)
            while end > 0 {
                let start = max(0, end - size)
                append(
                    TrainingWindow(sequence: sequence, start: start, end: end), to: &windows,
                    shortening: shortening, generator: &generator)
                end = start
                size = window
            }
        }
        generator.shuffle(&windows)
        return windows
    }

    private static func append(
        _ whole: TrainingWindow, to windows: inout [TrainingWindow], shortening: Double,
        generator: inout SeededGenerator
    ) {
        guard whole.count >= 2, generator.unit() < shortening else {
            windows.append(whole)
            return
        }
        let cut = whole.start + 1 + generator.below(whole.count - 1)
        for (start, end) in [(whole.start, cut), (cut, whole.end)] {
            windows.append(TrainingWindow(sequence: whole.sequence, start: start, end: end))
        }
    }

    /// Every prefix of at least `minimum` items, its last `window` items read (LLaRA's rows).
    ///
    /// - Returns: the windows in random order.
    public static func prefixes(
        lengths: [Int], window: Int, minimum: Int, generator: inout SeededGenerator
    ) -> [TrainingWindow] {
        var windows: [TrainingWindow] = []
        for (sequence, length) in lengths.enumerated() {
            for end in stride(from: max(1, minimum), to: length, by: 1) {
                windows.append(
                    TrainingWindow(sequence: sequence, start: max(0, end - window), end: end))
            }
        }
        generator.shuffle(&windows)
        return windows
    }
}

/// Windows side by side, the newest item of each in the last column.
public struct SequenceBatch: Sendable, Equatable {
    /// The target of a column that is not to be predicted; cross-entropy passes it over.
    public static let ignoredTarget = -100

    /// Number of windows.
    public let rows: Int
    /// Number of columns: the longest window's.
    public let columns: Int
    /// `rows * columns` item indices; 0 where a shorter window has none.
    public let inputs: [Int]
    /// `rows * columns` targets; ``ignoredTarget`` where there is none.
    public let targets: [Int]
    /// How many columns at the start of each row hold no item.
    public let padding: [Int]

    /// The places, row after row, that have a target.
    public var targetPlaces: [Int] { targets.indices.filter { targets[$0] != Self.ignoredTarget } }

    /// Lays out `windows` of `sequences`; with `lastOnly` only the newest item's target counts.
    public init(_ windows: ArraySlice<TrainingWindow>, of sequences: [[Int]], lastOnly: Bool) {
        rows = windows.count
        columns = windows.map(\.count).max() ?? 0
        var inputs = [Int](repeating: 0, count: rows * columns)
        var targets = [Int](repeating: Self.ignoredTarget, count: rows * columns)
        var padding: [Int] = []
        for (row, window) in windows.enumerated() {
            let pad = columns - window.count
            padding.append(pad)
            for offset in 0..<window.count {
                let place = row * columns + pad + offset
                inputs[place] = sequences[window.sequence][window.start + offset]
                if !lastOnly || offset == window.count - 1 {
                    targets[place] = sequences[window.sequence][window.start + offset + 1]
                }
            }
        }
        self.inputs = inputs
        self.targets = targets
        self.padding = padding
    }

    /// Lays out histories to be encoded, without targets; each must hold an item.
    public init(histories: ArraySlice<[Int]>, window: Int) {
        rows = histories.count
        columns = histories.map { min($0.count, window) }.max() ?? 0
        var inputs = [Int](repeating: 0, count: rows * columns)
        var padding: [Int] = []
        for (row, history) in histories.enumerated() {
            let recent = history.suffix(columns)
            padding.append(columns - recent.count)
            inputs.replaceSubrange(
                (row * columns + columns - recent.count)..<((row + 1) * columns), with: recent)
        }
        self.inputs = inputs
        self.targets = []
        self.padding = padding
    }

    /// Which column may look at which: `rows * columns * columns`, itself and earlier items.
    ///
    /// A column without an item looks at itself, because a softmax over nothing is not a number; no
    /// other column looks at it.
    public var attended: [Bool] {
        var mask = [Bool](repeating: false, count: rows * columns * columns)
        for row in 0..<rows {
            for query in 0..<columns {
                let base = (row * columns + query) * columns
                mask[base + query] = true
                for key in stride(from: padding[row], to: query, by: 1) { mask[base + key] = true }
            }
        }
        return mask
    }
}
