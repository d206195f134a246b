import Domain
import Testing
import TrainingCore

@Suite("Training windows")
struct TrainingWindowsTests {
    @Test("every item after the first is predicted exactly once an epoch, in windows of the limit")
    func covering() {
        for shortening in [0, 0.5, 1] {
            var generator = SeededGenerator(seed: 11)
            let windows = TrainingWindows.covering(
                lengths: [0, 1, 2, 23, 50], window: 8, shortening: shortening,
                generator: &generator)
            #expect(windows.allSatisfy { (1...8).contains($0.count) })
            for (sequence, length) in [0, 1, 2, 23, 50].enumerated() {
                let targets = windows.filter { $0.sequence == sequence }
                    .flatMap { Array($0.start + 1...$0.end) }.sorted()
                #expect(targets == (length < 2 ? [] : Array(1..<length)))
            }
        }
    }

    @Test("prefixes read the newest items before each target, from the least length on")
    func prefixes() {
        var generator = SeededGenerator(seed: 2)
        let windows = TrainingWindows.prefixes(
            lengths: [2, 3, 6], window: 4, minimum: 3, generator: &generator)
        let found = Set(windows)
        #expect(
            found == [
                TrainingWindow(sequence: 2, start: 0, end: 3),
                TrainingWindow(sequence: 2, start: 0, end: 4),
                TrainingWindow(sequence: 2, start: 1, end: 5),
            ])
    }

    @Test("a batch puts the newest item last and ignores what has no item")
    func batch() {
        let windows = [
            TrainingWindow(sequence: 0, start: 1, end: 4),
            TrainingWindow(sequence: 1, start: 0, end: 1),
        ]
        let sequences = [[10, 11, 12, 13, 14], [20, 21]]
        let none = SequenceBatch.ignoredTarget
        let all = SequenceBatch(windows[...], of: sequences, lastOnly: false)
        #expect(all.rows == 2 && all.columns == 3)
        #expect(all.inputs == [11, 12, 13, 0, 0, 20])
        #expect(all.targets == [12, 13, 14, none, none, 21])
        #expect(all.padding == [0, 2])
        let last = SequenceBatch(windows[...], of: sequences, lastOnly: true)
        #expect(last.targets == [none, none, 14, none, none, 21])
    }

    @Test("histories longer than the window lose their oldest items")
    func histories() {
        let batch = SequenceBatch(histories: [[1, 2, 3, 4], [5]][...], window: 3)
        #expect(batch.inputs == [2, 3, 4, 0, 0, 5])
        #expect(batch.padding == [0, 2])
    }

    @Test("a column looks at itself and earlier items, never at padding or later items")
    func attended() {
        let batch = SequenceBatch(histories: [[1, 2, 3], [5]][...], window: 3)
        let mask = batch.attended.map { $0 ? 1 : 0 }
        #expect(Array(mask[..<9]) == [1, 0, 0, 1, 1, 0, 1, 1, 1])
        #expect(Array(mask[9...]) == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    }
}
