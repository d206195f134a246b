import Domain
import GGML
import Testing

@Suite("Item table")
struct ItemTableTests {
    private func values(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    @Test("pages by offset join to the whole order, without what is excluded")
    func pages() {
        let table = ItemTable(values: values(500 * 8, seed: 1), dimension: 8)
        let state = values(8, seed: 2)
        func best(_ offset: Int, _ count: Int) -> [Int] {
            let query = ItemTable.Query(
                state: state, count: count, offset: offset, excluding: [3, 400])
            return table.best(for: [query])[0].map(\.index)
        }
        let all = best(0, 500)
        #expect(all.count == 498 && Set(all).isDisjoint(with: [3, 400]))
        #expect(best(0, 20) + best(20, 80) + best(100, 400) == all)
        #expect(best(490, 20) == Array(all[490...]))
        #expect(best(498, 20).isEmpty && best(.max, .max).isEmpty)
    }

    @Test("queries of one scan get the same bits as each alone, whatever the threads")
    func batch() {
        let rows = 2 * ItemTable.minimumRowsPerThread + 77
        let table = ItemTable(values: values(rows * 4, seed: 3), dimension: 4)
        let queries = (0..<5).map { index in
            ItemTable.Query(
                state: values(4, seed: UInt64(10 + index)), count: 10 * index, offset: index,
                excluding: Set(0..<index))
        }
        let together = table.best(for: queries, threads: 2)
        for (query, found) in zip(queries, together) {
            let alone = table.best(for: [query], threads: 1)[0]
            #expect(found.map(\.index) == alone.map(\.index))
            #expect(found.map(\.score) == alone.map(\.score))
            #expect(found.count == query.count)
        }
        #expect(table.best(for: []).isEmpty)
    }

    @Test(
        "scores equal a double-precision reference, with bias and at odd widths",
        arguments: [1, 7, 50, 65])
    func scores(dimension: Int) {
        let rows = values(40 * dimension, seed: 4)
        let bias = values(40, seed: 5)
        let table = ItemTable(values: rows, dimension: dimension, bias: bias)
        let state = values(dimension, seed: 6)
        let found = table.best(for: [.init(state: state, count: 40)])[0]
        #expect(found.count == 40)
        for (index, score) in found {
            let expected = (0..<dimension).reduce(Double(bias[index])) {
                $0 + Double(state[$1]) * Double(rows[index * dimension + $1])
            }
            #expect(abs(Double(score) - expected) < 1e-5)
        }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
    }

    @Test("a row whose score is not a number stands last")
    func notANumber() {
        let table = ItemTable(
            values: [1, .nan, -5, 2], dimension: 1)
        let best = table.best(for: [.init(state: [1], count: 4)])[0]
        #expect(best.map(\.index) == [3, 0, 2, 1])
        #expect(table.best(for: [.init(state: [1], count: 3)])[0].map(\.index) == [3, 0, 2])
    }
}
