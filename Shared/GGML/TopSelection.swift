/// The best of a stream of scored rows: greater scores first, equal ones by `tieOrder` or index.
///
/// A binary heap with the worst kept row on top. The order is total, so that the result does not
/// depend on the order or the partition in which rows come. NaN counts as the worst score.
struct TopSelection: Sendable {
    private struct Entry: Sendable {
        let score: Float
        let index: Int32
        let rank: Int32
    }

    private let limit: Int
    private let tieOrder: [Int32]?
    private var heap: [Entry] = []

    init(limit: Int, tieOrder: [Int32]?) {
        self.limit = limit
        self.tieOrder = tieOrder
        heap.reserveCapacity(min(limit, 4_096))
    }

    /// Whether a row stands before the worst that is kept, or there is room.
    func wouldKeep(_ score: Float, _ index: Int) -> Bool {
        guard heap.count == limit else { return true }
        guard let worst = heap.first else { return false }
        if score > worst.score { return true }
        return score == worst.score && rank(index) < worst.rank
    }

    /// Keeps a row for which ``wouldKeep(_:_:)`` is true.
    mutating func insert(_ score: Float, _ index: Int) {
        let entry = Entry(
            score: score.isNaN ? -.infinity : score, index: Int32(index), rank: rank(index))
        if heap.count < limit {
            heap.append(entry)
            siftUp()
        } else {
            heap[0] = entry
            siftDown()
        }
    }

    /// Offers the scores of the rows from `first` on, without those excluded.
    mutating func insert(
        _ scores: UnsafeBufferPointer<Float>, from first: Int, excluding: Set<Int>
    ) {
        guard limit > 0 else { return }
        var threshold = worstKept
        for place in scores.indices where !(scores[place] < threshold) {
            let index = first + place
            // The set is asked last: few rows come this far.
            guard wouldKeep(scores[place], index), !excluding.contains(index) else { continue }
            insert(scores[place], index)
            threshold = worstKept
        }
    }

    /// No row with a lesser score is kept.
    private var worstKept: Float { heap.count < limit ? -.infinity : heap[0].score }

    /// Adds what another selection kept.
    mutating func merge(_ other: TopSelection) {
        for entry in other.heap where wouldKeep(entry.score, Int(entry.index)) {
            insert(entry.score, Int(entry.index))
        }
    }

    /// What is kept, best first.
    func sorted() -> [(index: Int, score: Float)] {
        heap.sorted { isWorse($1, $0) }.map { (Int($0.index), $0.score) }
    }

    private func rank(_ index: Int) -> Int32 { tieOrder?[index] ?? Int32(index) }

    private func isWorse(_ first: Entry, _ second: Entry) -> Bool {
        first.score != second.score ? first.score < second.score : first.rank > second.rank
    }

    private mutating func siftUp() {
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard isWorse(heap[child], heap[parent]) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && isWorse(heap[child], heap[worst]) {
                worst = child
            }
            guard worst != parent else { return }
            heap.swapAt(worst, parent)
            parent = worst
        }
    }
}
