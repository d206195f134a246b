import Domain
import Storage
import Testing

@Suite("one version over all changes", .timeLimit(.minutes(3)))
struct VersionsTests {
    private static let writers = 4
    private static let writes = 40

    /// A write that was answered: after `version`, writer number `writer` has made `count`.
    private struct Answered: Sendable {
        let writer: Int
        let version: UInt64
        let count: Int
    }

    /// What a reading of `version` must show for each writer.
    private func expected(_ answers: [Answered], at version: UInt64) -> [Int] {
        (0..<Self.writers).map { writer in
            answers.filter { $0.writer == writer && $0.version <= version }.map(\.count).max() ?? 0
        }
    }

    @Test("a reading of version v shows every item change up to v and none after it")
    func items() async throws {
        try await withStore { store in
            let ids = (0..<Self.writers).map { "\($0)" }
            let first = ids.map { ItemDraft(id: $0, title: "0") }
            _ = try await store.upsert(items: first, author: "", deadline: nil)
            let (answers, readings) = try await withRace { writer, count in
                let item = ItemDraft(id: "\(writer)", title: "\(count)")
                return try await store.upsert(items: [item], author: "", deadline: nil).version
            } read: {
                let read = try await store.items(ids: ids, deadline: nil)
                return (read.catalogVersion, read.items.compactMap { Int($0.title) })
            }
            for reading in readings {
                #expect(reading.1 == expected(answers, at: reading.0))
            }
            #expect(Set(answers.map(\.version)).count == answers.count)
        }
    }

    @Test("a history of version v has every interaction appended up to v and none after it")
    func appends() async throws {
        try await withStore { store in
            _ = try await store.upsert(items: drafts(1...1), author: "", deadline: nil)
            let (answers, readings) = try await withRace { writer, _ in
                try await store.append(
                    userID: "\(writer)", items: [HistoryItem(itemID: "1")], deadline: nil
                ).version
            } read: {
                let history = try await store.history(userID: "2", count: 1_000, deadline: nil)
                return (history.catalogVersion, [history.interactionCount])
            }
            for reading in readings {
                #expect(reading.1 == [expected(answers, at: reading.0)[2]])
            }
            let popular = try await store.popular(count: 1, deadline: nil)
            #expect(popular.entries.map(\.interactionCount) == [Self.writers * Self.writes])
        }
    }

    @Test("a write is seen by every reading that starts after its answer")
    func readYourWrites() async throws {
        try await withStore { store in
            for count in 1...50 {
                let item = ItemDraft(id: "1", title: "\(count)")
                let write = try await store.upsert(items: [item], author: "", deadline: nil)
                let read = try await store.items(ids: ["1"], deadline: nil)
                #expect(read.catalogVersion >= write.version)
                #expect(read.items.map(\.title) == ["\(count)"])
            }
        }
    }

    /// Writers race; two readers read until the writers are done.
    private func withRace(
        _ write: @escaping @Sendable (_ writer: Int, _ count: Int) async throws -> UInt64,
        read: @escaping @Sendable () async throws -> (UInt64, [Int])
    ) async throws -> ([Answered], [(UInt64, [Int])]) {
        try await withThrowingTaskGroup(of: [(UInt64, [Int])].self) { readers in
            for _ in 1...2 {
                readers.addTask {
                    var readings: [(UInt64, [Int])] = []
                    while !Task.isCancelled {
                        guard let reading = try? await read() else { break }
                        readings.append(reading)
                    }
                    return readings
                }
            }
            let answers = try await withThrowingTaskGroup(of: [Answered].self) { group in
                for writer in 0..<Self.writers {
                    group.addTask {
                        var answers: [Answered] = []
                        for count in 1...Self.writes {
                            let version = try await write(writer, count)
                            answers.append(
                                Answered(writer: writer, version: version, count: count))
                        }
                        return answers
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            readers.cancelAll()
            let readings = try await readers.reduce(into: []) { $0 += $1 }
            #expect(readings.count > Self.writers)
            return (answers, readings)
        }
    }
}
