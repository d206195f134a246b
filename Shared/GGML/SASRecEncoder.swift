internal import Dispatch
public import Domain
internal import Synchronization

/// A trained sequential recommender: user states, item rows, scores, exact retrieval.
///
/// The network runs under a lock, one sequence at a time; a single sequence takes well under a
/// millisecond. The asynchronous variants move longer work to a thread beside the cooperative
/// pool. All results are the same for the same file, whatever the batch or the thread count.
public final class SASRecEncoder: Sendable {
    /// Sequences that are encoded on the caller's thread; more go to the thread beside the pool.
    public static let inlineSequences = 4
    /// Values of the item table that are scored on the caller's thread (about half a millisecond).
    public static let inlineTableValues = 1 << 20
    /// Rows below which retrieval is not split over threads.
    public static let minimumRowsPerThread = 65_536

    /// Shape and options of the network.
    public let configuration: SASRecConfiguration
    private let items: ItemTable
    private let output: ItemTable
    private let positions: [Float]
    private let network: Mutex<SASRecNetwork>
    private let queue = ComputeQueue(label: "llara.encoder")
    private let threads: Int

    /// Width of an item row and of a state.
    public var dimension: Int { configuration.dimension }
    /// How many of the newest items of a sequence count.
    public var window: Int { configuration.window }
    /// Number of items; indices run from 0.
    public var itemCount: Int { configuration.itemCount }

    /// Loads a GGUF file of the architecture `sasrec`; half-precision weights become float32.
    ///
    /// - Parameter threads: threads of a retrieval over a large table; the network itself is too
    ///   small to gain from more than one.
    /// - Throws: `GGUFError` for a faulty file, `ComputeError` when memory does not suffice.
    public init(path: String, threads: Int = 1) throws {
        let file = try GGUFFile(path: path)
        let configuration = try SASRecConfiguration(file: file)
        let width = configuration.dimension
        let count = configuration.itemCount
        let rows = try file.values(of: "item_embd.weight", dimensions: [width, count])
        if configuration.isOutputTied {
            output = ItemTable(values: rows, dimension: width)
        } else {
            let bias: [Float]? =
                file.tensors["output.bias"] == nil
                ? nil : try file.values(of: "output.bias", dimensions: [count])
            output = ItemTable(
                values: try file.values(of: "output.weight", dimensions: [width, count]),
                dimension: width, bias: bias)
        }
        items = ItemTable(values: rows, dimension: width)
        positions = try file.values(
            of: "position_embd.weight", dimensions: [width, configuration.window])
        network = Mutex(
            try SASRecNetwork(file: file, configuration: configuration, threads: 1))
        self.configuration = configuration
        self.threads = max(1, threads)
    }

    /// The state after each sequence of item indices, oldest first; one row a sequence.
    ///
    /// - Throws: `ComputeError` for an empty sequence or an index outside the table.
    public func encode(sequences: [[Int]]) throws(ComputeError) -> FloatTensor {
        var states: [Float] = []
        states.reserveCapacity(sequences.count * dimension)
        for (index, sequence) in sequences.enumerated() {
            let embedded = try embed(sequence, index)
            let rows = embedded.count / dimension
            let outcome = network.withLock { network in
                Result { () throws(ComputeError) in
                    try network.state(embedded: embedded, rows: rows)
                }
            }
            states += try outcome.get()
        }
        return FloatTensor(rows: sequences.count, columns: dimension, values: states)
    }

    /// As ``encode(sequences:)``, off the cooperative pool when there are many; stops between
    /// sequences when the task is cancelled.
    public func encode(batch sequences: [[Int]]) async throws -> FloatTensor {
        if sequences.count <= Self.inlineSequences { return try encode(sequences: sequences) }
        var states: [Float] = []
        for start in stride(from: 0, to: sequences.count, by: Self.inlineSequences) {
            try Task.checkCancellation()
            let part = Array(sequences[start..<min(start + Self.inlineSequences, sequences.count)])
            states += try await queue.run { () throws(ComputeError) in
                try self.encode(sequences: part).values
            }
        }
        return FloatTensor(rows: sequences.count, columns: dimension, values: states)
    }

    /// The input-embedding rows of items, as the projector takes them.
    public func itemRows(_ indices: [Int]) throws(ComputeError) -> FloatTensor {
        try check(indices)
        var rows: [Float] = []
        rows.reserveCapacity(indices.count * dimension)
        for index in indices { rows += items.row(index) }
        return FloatTensor(rows: indices.count, columns: dimension, values: rows)
    }

    /// The scores of just these items for a state, in their order.
    public func scores(
        state: ArraySlice<Float>, items indices: [Int]
    ) throws(ComputeError) -> [Float] {
        try check(state)
        try check(indices)
        return state.withUnsafeBufferPointer { state in
            indices.map { output.score(state, $0) }
        }
    }

    /// The `count` best items for a state, exactly, without those excluded; best first.
    ///
    /// - Parameters:
    ///   - tieOrder: for every item its place among equal scores; nil is by index.
    /// - Throws: `ComputeError` when the state has another width or is not finite.
    public func topK(
        state: ArraySlice<Float>, count: Int, excluding: Set<Int> = [], tieOrder: [Int32]? = nil
    ) throws(ComputeError) -> [(index: Int, score: Float)] {
        try check(state)
        guard tieOrder == nil || tieOrder?.count == itemCount else {
            throw ComputeError(
                code: .wrongDimension, message: "a tie order that does not name every item")
        }
        let limit = min(max(0, count), itemCount)
        let parts = min(threads, max(1, itemCount / Self.minimumRowsPerThread))
        let values = Array(state)
        @Sendable func best(_ part: Int) -> TopSelection {
            let range = itemCount * part / parts..<itemCount * (part + 1) / parts
            return values.withUnsafeBufferPointer {
                output.best(
                    $0, in: range, count: limit, excluding: excluding, tieOrder: tieOrder)
            }
        }
        if parts == 1 { return best(0).sorted() }
        let merged = Mutex(TopSelection(limit: limit, tieOrder: tieOrder))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            let selection = best(part)
            merged.withLock { $0.merge(selection) }
        }
        return merged.withLock { $0.sorted() }
    }

    /// As ``topK(state:count:excluding:tieOrder:)``, off the cooperative pool for large tables.
    public func retrieve(
        state: ArraySlice<Float>, count: Int, excluding: Set<Int> = [], tieOrder: [Int32]? = nil
    ) async throws(ComputeError) -> [(index: Int, score: Float)] {
        if itemCount * dimension <= Self.inlineTableValues {
            return try topK(
                state: state, count: count, excluding: excluding, tieOrder: tieOrder)
        }
        return try await queue.run { () throws(ComputeError) in
            try self.topK(state: state, count: count, excluding: excluding, tieOrder: tieOrder)
        }
    }

    /// Scaled item rows plus positions; the newest item always has the last position.
    private func embed(_ sequence: [Int], _ number: Int) throws(ComputeError) -> [Float] {
        guard !sequence.isEmpty else {
            throw ComputeError(code: .emptySequence, message: "sequence \(number) has no item")
        }
        let newest = sequence.suffix(window)
        try check(newest)
        let scale = configuration.embeddingScale
        var embedded: [Float] = []
        embedded.reserveCapacity(newest.count * dimension)
        var position = (window - newest.count) * dimension
        for index in newest {
            for value in items.row(index) {
                embedded.append(scale * value + positions[position])
                position += 1
            }
        }
        return embedded
    }

    private func check(_ indices: some Collection<Int>) throws(ComputeError) {
        for index in indices where index < 0 || index >= itemCount {
            throw ComputeError(
                code: .indexOutOfRange, message: "item \(index) of \(itemCount)")
        }
    }

    private func check(_ state: ArraySlice<Float>) throws(ComputeError) {
        guard state.count == dimension else {
            throw ComputeError(
                code: .wrongDimension,
                message: "a state of \(state.count) values, the network has \(dimension)")
        }
        guard let place = state.firstIndex(where: { !$0.isFinite }) else { return }
        throw ComputeError(
            code: .notFinite, message: "value \(place - state.startIndex) of a state is not finite")
    }
}
