internal import Domain

/// A training example in item indices: what follows a prefix of a training user's sequence.
public struct TrainingExample: Sendable, Hashable {
    /// Its number in the run, from 0; everything drawn for it follows from seed and number.
    public let number: Int
    /// The items before the target as the encoder reads them, oldest first.
    public let prefix: [Int]
    /// The item to be found.
    public let target: Int
    /// The other candidates.
    public let negatives: [Int]

    /// Makes an example.
    public init(number: Int, prefix: [Int], target: Int, negatives: [Int]) {
        self.number = number
        self.prefix = prefix
        self.target = target
        self.negatives = negatives
    }
}

/// Which prefixes of the training users' sequences become examples.
public enum ExampleSampling: String, Sendable, Hashable, CaseIterable, Codable {
    /// LLaRA's: every prefix of every user, without replacement within an epoch (section 4.1.1 and
    /// its data files). A user with many items is met as much more often.
    case prefixes
    /// Every user once in a round, with a prefix that ends anywhere: evaluation asks each user once.
    case users
}

/// Draws training examples: prefixes of at least ``minimumHistory`` items of training users.
///
/// A pure function of the seed and the example's number, so that a run resumes anywhere.
public struct ExampleDraw: Sendable {
    /// LLaRA's loader keeps prefixes of at least three items.
    public static let minimumHistory = 3

    private let sequences: [[Int]]
    private let seen: [Set<Int>]
    private let itemCount: Int
    private let historyLimit: Int
    private let negatives: NegativeDraw
    private let seed: UInt64
    private let sampling: ExampleSampling
    private var epoch: (number: Int, windows: [TrainingWindow])

    /// Examples of one epoch: of all prefixes, or of all users.
    public var epochCount: Int { epoch.windows.count }

    /// Draws from the training users' `sequences`; what other parts of the split hold is unknown
    /// here.
    ///
    /// - Parameter historyLimit: most items of a prefix, as evaluation rows have; nil is all.
    /// - Throws: ``DataError`` when no user has enough items, or one has seen so many that too few
    ///   negatives are left.
    public init(
        sequences: [[Int]], itemCount: Int, historyLimit: Int?, negatives: NegativeDraw,
        sampling: ExampleSampling = .prefixes, seed: UInt64
    ) throws(DataError) {
        self.sequences = sequences
        seen = sequences.map(Set.init)
        self.itemCount = itemCount
        self.historyLimit = historyLimit ?? Int.max
        self.negatives = negatives
        self.sampling = sampling
        self.seed = seed
        epoch = (0, Self.windows(sequences, sampling, epoch: 0, seed: seed))
        guard !epoch.windows.isEmpty else {
            throw DataError(
                source: "training sequences",
                message: "no user has more than \(Self.minimumHistory) items to train on")
        }
        let left = itemCount - (seen.map(\.count).max() ?? 0)
        guard left >= negatives.count else {
            throw DataError(
                source: "training sequences",
                message: "a user leaves \(left) unseen items, \(negatives.count) negatives are "
                    + "wanted")
        }
    }

    /// The example with this number.
    ///
    /// - Parameter retrieve: gives the items that the encoder puts first after a prefix, without
    ///   those of a set; asked only for hard negatives.
    public mutating func example(
        _ number: Int, retrieve: ([Int], Set<Int>, Int) throws -> [Int]
    ) throws -> TrainingExample {
        let wanted = number / epochCount
        if wanted != epoch.number {
            epoch = (wanted, Self.windows(sequences, sampling, epoch: wanted, seed: seed))
        }
        let window = epoch.windows[number % epochCount]
        let sequence = sequences[window.sequence]
        let prefix = Array(sequence[..<window.end].suffix(historyLimit))
        var generator = SeededGenerator(seed: seed, parts: ["negatives", String(number)])
        // Not only the prefix: what the user takes later is no wrong answer either.
        let drawn = try negatives.draw(
            itemCount: itemCount, excluding: seen[window.sequence], generator: &generator
        ) { count in try retrieve(prefix, seen[window.sequence], count) }
        return TrainingExample(
            number: number, prefix: prefix, target: sequence[window.end], negatives: drawn)
    }

    private static func windows(
        _ sequences: [[Int]], _ sampling: ExampleSampling, epoch: Int, seed: UInt64
    ) -> [TrainingWindow] {
        var generator = SeededGenerator(seed: seed, parts: ["examples", String(epoch)])
        guard sampling == .prefixes else {
            var windows = sequences.enumerated().compactMap { user, sequence in
                sequence.count > minimumHistory
                    ? TrainingWindow(
                        sequence: user, start: 0,
                        end: minimumHistory + generator.below(sequence.count - minimumHistory))
                    : nil
            }
            generator.shuffle(&windows)
            return windows
        }
        return TrainingWindows.prefixes(
            lengths: sequences.map(\.count), window: .max, minimum: minimumHistory,
            generator: &generator)
    }
}

/// How negatives are drawn: uniformly, from what the encoder retrieves (hard), or a mixture.
public struct NegativeDraw: Sendable, Hashable {
    /// Hard negatives come from the encoder's first so many items.
    public static let hardPool = 50

    /// Negatives of an example.
    public let count: Int
    /// Of them those that are hard.
    public let hardCount: Int

    /// A draw of `count` negatives, the share `hardShare` of them hard.
    public init(count: Int, hardShare: Double) {
        self.count = count
        hardCount = Int((Double(count) * min(1, max(0, hardShare))).rounded())
    }

    /// Draws without replacement; `excluding` must leave enough items.
    func draw(
        itemCount: Int, excluding: Set<Int>, generator: inout SeededGenerator,
        retrieve: (Int) throws -> [Int]
    ) rethrows -> [Int] {
        var chosen: [Int] = []
        var taken = excluding
        if hardCount > 0 {
            var pool = try retrieve(Self.hardPool).filter { !excluding.contains($0) }
            generator.shufflePrefix(&pool, count: hardCount)
            chosen = Array(pool.prefix(hardCount))
            taken.formUnion(chosen)
        }
        while chosen.count < count {
            let item = generator.below(itemCount)
            if taken.insert(item).inserted { chosen.append(item) }
        }
        return chosen
    }
}
