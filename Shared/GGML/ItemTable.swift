internal import CGGML
internal import Synchronization

/// A table of item rows, all in memory as float32, with exact retrieval by inner product.
///
/// A scan reads the table once, whatever the number of queries. Scores and order are the same for
/// the same table and state, whatever the batch and the number of threads.
public struct ItemTable: Sendable {
    /// Bytes of the table that are scored before their scores are compared; they stay in the
    /// nearest caches, where the other queries of a batch find them.
    private static let blockBytes = 64 << 10
    /// Rows below which a scan is not split over threads.
    public static let minimumRowsPerThread = 65_536
    /// Parts of a scan for each thread.
    private static let partsPerThread = 8

    /// What is asked of a scan.
    public struct Query: Sendable {
        /// ``ItemTable/dimension`` finite values.
        public let state: [Float]
        /// How many rows are wanted.
        public let count: Int
        /// How many of the best are left out before them, as an earlier page had them.
        public let offset: Int
        /// Indices that are never an answer and count neither as page nor as offset.
        public let excluding: Set<Int>

        /// Of `state`, for `count` rows.
        public init(state: [Float], count: Int, offset: Int = 0, excluding: Set<Int> = []) {
            self.state = state
            self.count = count
            self.offset = offset
            self.excluding = excluding
        }
    }

    /// Floats in a row.
    public let dimension: Int
    /// Number of rows; indices run from 0.
    public let count: Int
    private let storage: TableStorage
    private let bias: [Float]?
    private let innerProduct = InnerProduct()

    /// - Parameters:
    ///   - values: row after row, `dimension` floats each.
    ///   - bias: added to the inner product of each row.
    public init(values: [Float], dimension: Int, bias: [Float]? = nil) {
        storage = TableStorage(values)
        self.dimension = dimension
        self.bias = bias
        count = values.count / dimension
    }

    /// The whole table, row after row; valid within `body` only.
    public func withValues<Value>(_ body: (UnsafeBufferPointer<Float>) throws -> Value) rethrows
        -> Value
    {
        try withExtendedLifetime(storage) { try body(storage.values) }
    }

    func row(_ index: Int) -> Slice<UnsafeBufferPointer<Float>> {
        storage.values[index * dimension..<(index + 1) * dimension]
    }

    /// The inner product of `state` with row `index`, plus its bias.
    func score(_ state: UnsafeBufferPointer<Float>, _ index: Int) -> Float {
        innerProduct(
            state.baseAddress!, storage.values.baseAddress! + index * dimension, dimension)
            + (bias?[index] ?? 0)
    }

    /// The best rows for each query: greater scores first, equal ones by `tieOrder` or index.
    ///
    /// - Parameters:
    ///   - tieOrder: for every row its place among equal scores; nil is by index.
    ///   - threads: at most as many work on it; small tables are scanned by one.
    /// - Precondition: every state has ``dimension`` values, `tieOrder` ``count`` if it is there.
    public func best(
        for queries: [Query], tieOrder: [Int32]? = nil, threads: Int = 1
    ) -> [[(index: Int, score: Float)]] {
        let limits = queries.map { query in
            let offset = min(max(0, query.offset), count)
            return offset + min(max(0, query.count), count - offset)
        }
        let empty = limits.map { TopSelection(limit: $0, tieOrder: tieOrder) }
        let workers = max(1, min(threads, count / Self.minimumRowsPerThread))
        let parts = workers == 1 ? 1 : workers * Self.partsPerThread
        let merged = Mutex(empty)
        shareParts(parts, threads: workers) { next in
            var selections = empty
            while let part = next() {
                scan(count * part / parts..<count * (part + 1) / parts, queries, &selections)
            }
            merged.withLock { merged in
                for index in merged.indices { merged[index].merge(selections[index]) }
            }
        }
        return zip(merged.withLock { $0 }, queries).map { selection, query in
            Array(selection.sorted().dropFirst(max(0, query.offset)))
        }
    }

    private func scan(
        _ range: Range<Int>, _ queries: [Query], _ selections: inout [TopSelection]
    ) {
        let blockRows = max(1, Self.blockBytes / (dimension * MemoryLayout<Float>.stride))
        let table = storage.values.baseAddress!
        withUnsafeTemporaryAllocation(of: Float.self, capacity: blockRows) { scores in
            for start in stride(from: range.lowerBound, to: range.upperBound, by: blockRows) {
                let rows = min(blockRows, range.upperBound - start)
                for (index, query) in queries.enumerated() {
                    query.state.withUnsafeBufferPointer { state in
                        for row in 0..<rows {
                            scores[row] = innerProduct(
                                state.baseAddress!, table + (start + row) * dimension, dimension)
                        }
                    }
                    if let bias {
                        for row in 0..<rows { scores[row] += bias[start + row] }
                    }
                    selections[index].insert(
                        UnsafeBufferPointer(rebasing: scores[..<rows]), from: start,
                        excluding: query.excluding)
                }
            }
        }
    }
}

/// The inner product of two vectors by ggml's routine for this CPU, which is fast in a debug
/// build, too, and always sums in the same order.
private struct InnerProduct: Sendable {
    private let dot: ggml_vec_dot_t = ggml_get_type_traits_cpu(GGML_TYPE_F32).pointee.vec_dot

    func callAsFunction(
        _ first: UnsafePointer<Float>, _ second: UnsafePointer<Float>, _ count: Int
    ) -> Float {
        var sum: Float = 0
        dot(Int32(count), &sum, 0, first, 0, second, 0, 1)
        return sum
    }
}
