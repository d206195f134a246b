import Testing

@testable import RPC

@Suite("FIFO queue")
struct FIFOQueueTests {
    @Test("gives back in order what was put in, however takes and appends are mixed")
    func order() {
        var queue = FIFOQueue<Int>()
        var taken: [Int] = []
        for value in 0..<1_000 {
            queue.append(value)
            if value % 3 != 0, let first = queue.takeFirst() { taken.append(first) }
        }
        #expect(queue.count == 1_000 - taken.count)
        while let first = queue.takeFirst() { taken.append(first) }
        #expect(taken == Array(0..<1_000))
        #expect(queue.isEmpty)
        #expect(queue.first == nil)
    }

    @Test("elements are removed from the middle, and the first may be changed")
    func removal() {
        var queue = FIFOQueue<Int>()
        for value in 0..<6 { queue.append(value) }
        _ = queue.takeFirst()
        #expect(queue.removeAll { $0.isMultiple(of: 2) } == 2)
        queue.first = 9
        #expect([queue.takeFirst(), queue.takeFirst(), queue.takeFirst()] == [9, 3, 5])
        #expect(queue.takeFirst() == nil)
    }
}
