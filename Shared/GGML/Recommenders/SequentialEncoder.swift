public import Domain
internal import Synchronization

/// A trained sequential recommender: user states, item rows, scores, exact retrieval.
///
/// The network runs under a lock, some sequences in one graph; a single sequence takes well under
/// a millisecond. The asynchronous variants move longer work, and work that finds the network
/// busy, to a thread beside the cooperative pool, where a bounded number of computations wait. All results are the same for the same file, whatever the batch or the thread count.
public final class SequentialEncoder: Sendable {
    /// Sequences of one graph; between graphs other callers have their turn.
    public static let maximumSequencesPerGraph = 32
    /// Values of the item rows of one graph (4 MB), unless a single sequence has more.
    public static let maximumValuesPerGraph = 1 << 20
    /// Sequences that are encoded on the caller's thread; more go to the thread beside the pool.
    public static let inlineSequences = 4

    /// Design and sizes of the network.
    public let configuration: SequentialConfiguration
    /// Width of a state: that of an item row, but for a Caser without its last layer.
    public let stateDimension: Int
    /// Rows that scores are made with.
    let output: ItemTable
    let queue: ComputeQueue
    let threads: Int
    private let items: ItemTable
    private let network: Mutex<any SequentialNetwork>

    /// Width of an item row.
    public var dimension: Int { configuration.dimension }
    /// How many of the newest items of a sequence count.
    public var window: Int { configuration.window }
    /// Number of items; indices run from 0.
    public var itemCount: Int { configuration.itemCount }

    /// Loads a GGUF file of a known architecture; half-precision weights become float32.
    ///
    /// - Parameters:
    ///   - threads: threads of a retrieval over a large table; the network itself is too small to
    ///     gain from more than one.
    ///   - maximumWaiting: computations that wait for the one that runs; more are refused.
    /// - Throws: `GGUFError` for a faulty file, `ComputeError` when memory does not suffice.
    public init(
        path: String, threads: Int = 1, maximumWaiting: Int = ComputeLimits.maximumWaiting
    ) throws {
        let file = try GGUFFile(path: path)
        let configuration = try SequentialConfiguration(file: file)
        let count = configuration.itemCount
        let rows = try file.values(
            of: "item_embd.weight", dimensions: [configuration.dimension, count])
        let network = try Self.network(file, configuration)
        stateDimension = network.stateDimension
        items = ItemTable(values: rows, dimension: configuration.dimension)
        if configuration.isOutputTied {
            output = items
        } else {
            let bias: [Float]? =
                file.tensors["output.bias"] == nil
                ? nil : try file.values(of: "output.bias", dimensions: [count])
            output = ItemTable(
                values: try file.values(
                    of: "output.weight", dimensions: [stateDimension, count]),
                dimension: stateDimension, bias: bias)
        }
        self.network = Mutex(network)
        queue = ComputeQueue(label: "llara.encoder", limit: maximumWaiting)
        self.configuration = configuration
        self.threads = max(1, threads)
    }

    private static func network(
        _ file: GGUFFile, _ shape: SequentialConfiguration
    ) throws -> sending any SequentialNetwork {
        switch shape.architecture {
        case .sasrec: try SASRecNetwork(file: file, shape: shape)
        case .gru4rec: try GRU4RecNetwork(file: file, shape: shape)
        case .caser: try CaserNetwork(file: file, shape: shape)
        }
    }

    /// The state after each sequence of item indices, oldest first; one row a sequence.
    ///
    /// - Throws: `ComputeError` for an empty sequence or an index outside the table.
    public func encode(sequences: [[Int]]) throws(ComputeError) -> FloatTensor {
        try check(sequences: sequences)
        var states: [Float] = []
        states.reserveCapacity(sequences.count * stateDimension)
        for part in graphs(of: sequences) { states += try self.states(of: part) }
        return FloatTensor(rows: sequences.count, columns: stateDimension, values: states)
    }

    /// As ``encode(sequences:)``, off the cooperative pool when there are many or the network is
    /// busy; stops between graphs when the task is cancelled or `deadline` has passed.
    ///
    /// - Throws: `ComputeError`, also with `queueFull`, `deadlinePassed` and `cancelled`.
    public func encode(
        batch sequences: [[Int]], deadline: ContinuousClock.Instant? = nil
    ) async throws(ComputeError) -> FloatTensor {
        try check(sequences: sequences)
        if let deadline, deadline <= ContinuousClock.now { throw .deadlinePassed }
        let parts = graphs(of: sequences)
        var states: [Float] = []
        if parts.count == 1, sequences.count <= Self.inlineSequences,
            let result = statesIfFree(of: parts[0])
        {
            states = try result.get()
        } else {
            for (number, part) in parts.enumerated() {
                states += try await queue.run(deadline: deadline, isContinued: number > 0) {
                    () throws(ComputeError) in try self.states(of: part)
                }
            }
        }
        return FloatTensor(rows: sequences.count, columns: stateDimension, values: states)
    }

    /// The input-embedding rows of items, as the projector takes them.
    public func itemRows(_ indices: [Int]) throws(ComputeError) -> FloatTensor {
        try check(indices)
        var rows: [Float] = []
        rows.reserveCapacity(indices.count * dimension)
        for index in indices { rows += items.row(index) }
        return FloatTensor(rows: indices.count, columns: dimension, values: rows)
    }

    /// Sequences in parts that one graph each computes.
    private func graphs(of sequences: [[Int]]) -> [ArraySlice<[Int]>] {
        let count = min(
            Self.maximumSequencesPerGraph,
            max(1, Self.maximumValuesPerGraph / (window * dimension)))
        return stride(from: 0, to: sequences.count, by: count).map {
            sequences[$0..<min($0 + count, sequences.count)]
        }
    }

    private func states(of sequences: ArraySlice<[Int]>) throws(ComputeError) -> [Float] {
        let packed = packed(sequences)
        return try network.withLock { network in
            Result { () throws(ComputeError) in try network.states(of: packed) }
        }.get()
    }

    /// The states, or nil when another call holds the network.
    private func statesIfFree(of sequences: ArraySlice<[Int]>) -> Result<[Float], ComputeError>? {
        let packed = packed(sequences)
        return network.withLockIfAvailable { network in
            Result { () throws(ComputeError) in try network.states(of: packed) }
        }
    }

    private func packed(_ sequences: ArraySlice<[Int]>) -> PackedSequences {
        let lengths = sequences.map { min($0.count, window) }
        var rows: [Float] = []
        rows.reserveCapacity(lengths.reduce(0, +) * dimension)
        for sequence in sequences {
            for index in sequence.suffix(window) { rows += items.row(index) }
        }
        return PackedSequences(rows: rows, lengths: lengths)
    }

    private func check(sequences: [[Int]]) throws(ComputeError) {
        for (number, sequence) in sequences.enumerated() {
            guard !sequence.isEmpty else {
                throw ComputeError(
                    code: .emptySequence, message: "sequence \(number) has no item")
            }
            try check(sequence)
        }
    }

    func check(_ indices: some Collection<Int>) throws(ComputeError) {
        for index in indices where index < 0 || index >= itemCount {
            throw ComputeError(
                code: .indexOutOfRange, message: "item \(index) of \(itemCount)")
        }
    }
}
