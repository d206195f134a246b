import Domain
import Glibc
import Storage
import Synchronization
import Testing

/// Writers and readers at once; every reading is held against what was true at its version.
///
/// `LLARA_SOAK_SECONDS=600 swift test --filter SoakTests` runs it for ten minutes.
@Suite("freshness under load", .timeLimit(.minutes(60)))
struct SoakTests {
    private static let seconds = getenv("LLARA_SOAK_SECONDS").flatMap { Int(String(cString: $0)) }

    @Test("a reading holds every write acknowledged before it, and nothing that its version bars")
    func soak() async throws {
        let end = ContinuousClock.now.advanced(by: .seconds(Self.seconds ?? 0))
        try await withStore { store in
            let soak = Soak(store: store)
            var total = Soak.Count()
            var round: UInt64 = 0
            repeat {
                try await soak.run(round: round, into: &total)
                round += 1
            } while ContinuousClock.now < end
            #expect(total.writes >= Soak.writers * Soak.writesPerRound)
            #expect(total.reads > Soak.writers)
            #expect(total.stale == 0, "readings older than an acknowledged write")
            #expect(total.wrong == 0, "readings that differ from the state of their version")
            if Self.seconds != nil { print("soak: \(total)") }
        }
    }
}

/// The load and what it should have found.
private final class Soak: Sendable {
    static let writers = 3
    static let readers = 2
    static let writesPerRound = 60
    static let itemsPerWriter = 12
    static let allIDs = (0..<writers * itemsPerWriter).map { "\($0)" }

    struct Count: CustomStringConvertible {
        var writes = 0
        var reads = 0
        var stale = 0
        var wrong = 0

        var description: String {
            "\(writes) writes, \(reads) reads, \(stale) stale, \(wrong) wrong"
        }
    }

    /// An item that exists; what is deleted has no state.
    fileprivate struct ItemState: Equatable {
        var title: String
        var isHidden: Bool
    }

    /// What every version said, by subject.
    private struct Log {
        var items: [String: [(version: UInt64, state: ItemState?)]] = [:]
        var sequences: [String: [(version: UInt64, items: [String])]] = [:]

        func item(_ id: String, at version: UInt64) -> ItemState? {
            items[id]?.last { $0.version <= version }?.state
        }

        func sequence(_ user: String, at version: UInt64) -> [String] {
            sequences[user]?.last { $0.version <= version }?.items ?? []
        }
    }

    private enum Answer {
        /// Items that were asked for by id.
        case items(asked: [String], CandidateItems)
        /// Ids of items to recommend.
        case recommendable([String])
        case history(UserHistory)
    }

    private struct Reading {
        let user: String
        let version: UInt64
        /// The newest version that was acknowledged before the reading began.
        let acknowledged: UInt64
        let answer: Answer
    }

    private let store: CatalogStore
    private let log = Mutex(Log())
    private let acknowledged = Atomic<UInt64>(0)
    private let writersAreDone = Atomic<Bool>(false)

    init(store: CatalogStore) { self.store = store }

    func run(round: UInt64, into total: inout Count) async throws {
        writersAreDone.store(false, ordering: .releasing)
        let readings = try await withThrowingTaskGroup(of: [Reading].self) { group in
            for reader in 0..<Self.readers {
                group.addTask { [self] in
                    var generator = SeededGenerator(seed: round << 8 + UInt64(reader) + 100)
                    var readings: [Reading] = []
                    while !writersAreDone.load(ordering: .acquiring) || readings.isEmpty {
                        readings.append(try await read(&generator))
                    }
                    return readings
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { writers in
                for writer in 0..<Self.writers {
                    writers.addTask { [self] in
                        var generator = SeededGenerator(seed: round << 8 + UInt64(writer))
                        for count in 0..<Self.writesPerRound {
                            try await write(writer, "\(round)/\(count)", &generator)
                        }
                    }
                }
                try await writers.waitForAll()
            }
            writersAreDone.store(true, ordering: .releasing)
            return try await group.reduce(into: []) { $0 += $1 }
        }
        total.writes += Self.writers * Self.writesPerRound
        total.reads += readings.count
        total.stale += readings.count { $0.version < $0.acknowledged }
        log.withLock { log in
            total.wrong += readings.count { !Self.isRight($0, log) }
        }
    }

    // MARK: Writing

    /// One write to an item or user that no other writer touches.
    private func write(
        _ writer: Int, _ title: String, _ generator: inout SeededGenerator
    ) async throws {
        let number = Int.random(in: 0..<Self.itemsPerWriter, using: &generator)
        let id = Self.allIDs[writer * Self.itemsPerWriter + number]
        let user = "user \(writer)"
        let (state, sequence) = log.withLock {
            ($0.item(id, at: .max), $0.sequence(user, at: .max))
        }
        let isHidden = Bool.random(using: &generator)
        let choice = Int.random(in: 0..<100, using: &generator)
        if choice < 35 || state == nil {
            let item = ItemDraft(id: id, title: title, isHidden: isHidden)
            let write = try await store.upsert(items: [item], author: "", deadline: nil)
            note(write) { $0.items[id, default: []].append(($1, .init(item))) }
        } else if choice < 55 {
            let patch = ItemPatch(id: id, title: title, isHidden: isHidden)
            let write = try await store.patch([patch], author: "", deadline: nil)
            note(write) {
                $0.items[id, default: []].append(($1, .init(title: title, isHidden: isHidden)))
            }
        } else if choice < 65 {
            let write = try await store.delete(itemIDs: [id], author: "", deadline: nil)
            note(write) { $0.items[id, default: []].append(($1, nil)) }
        } else if choice < 95 {
            let write = try await store.append(
                userID: user, items: [HistoryItem(itemID: id)], deadline: nil)
            note(write) { $0.sequences[user, default: []].append(($1, sequence + [id])) }
        } else {
            let write = try await store.deleteUser(userID: user, deadline: nil)
            note(write) { $0.sequences[user, default: []].append(($1, [])) }
        }
    }

    private func note(_ write: WriteResult, _ change: (inout Log, UInt64) -> Void) {
        log.withLock { change(&$0, write.version) }
        acknowledged.max(write.version, ordering: .acquiringAndReleasing)
    }

    // MARK: Reading

    private func read(_ generator: inout SeededGenerator) async throws -> Reading {
        let user = "user \(Int.random(in: 0..<Self.writers, using: &generator))"
        let acknowledged = acknowledged.load(ordering: .acquiring)
        func reading(_ version: UInt64, _ answer: Answer) -> Reading {
            Reading(user: user, version: version, acknowledged: acknowledged, answer: answer)
        }
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            let ids = Array(Self.allIDs.shuffled(using: &generator).prefix(10))
            let found = try await store.candidates(ids: ids, notSeenBy: user, deadline: nil)
            return reading(found.catalogVersion, .items(asked: ids, found))
        case 1:
            let found = try await store.popular(count: 10, notSeenBy: user, deadline: nil)
            return reading(found.catalogVersion, .recommendable(found.entries.map(\.item.id)))
        case 2:
            let found = try await store.newest(count: 10, notSeenBy: user, deadline: nil)
            return reading(found.catalogVersion, .recommendable(found.ids))
        default:
            let found = try await store.history(userID: user, count: 1_000, deadline: nil)
            return reading(found.catalogVersion, .history(found))
        }
    }

    private static func isRight(_ reading: Reading, _ log: Log) -> Bool {
        let seen = log.sequence(reading.user, at: reading.version)
        func state(_ id: String) -> ItemState? { log.item(id, at: reading.version) }
        switch reading.answer {
        case .items(let asked, let found):
            let expected = asked.filter { state($0) != nil }
            return found.items.map(\.id) == expected
                && found.items.allSatisfy { item in
                    guard let state = state(item.id) else { return false }
                    return item.title == state.title
                        && item.isAllowed == (!state.isHidden && !seen.contains(item.id))
                }
        case .recommendable(let ids):
            return ids.allSatisfy { state($0)?.isHidden == false && !seen.contains($0) }
        case .history(let found):
            return found.interactionCount == seen.count
                && found.entries.map(\.interaction.itemID) == seen.suffix(1_000)
        }
    }
}

extension Soak.ItemState {
    fileprivate init(_ item: ItemDraft) {
        self.init(title: item.title, isHidden: item.isHidden)
    }
}
