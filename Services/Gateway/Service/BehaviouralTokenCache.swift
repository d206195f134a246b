import Domain
import GatewayCore
import Synchronization

/// Behavioural tokens that were projected before, by release and item.
///
/// A token is a function of the release's files alone, so it never becomes wrong; what is not used
/// makes room. Several calls that lack the same token each ask for it: the cache holds no call up.
final class BehaviouralTokenCache: Sendable {
    private struct Key: Hashable {
        let release: ReleaseReference
        let itemID: String
    }

    /// Counts since the start.
    struct Statistics: Sendable, Equatable {
        let hitCount: Int
        let missCount: Int
        let evictionCount: Int
        let tokenCount: Int
        let byteCount: Int
    }

    /// What an entry costs beside its vector and id: places in the list and the map.
    private static let entryOverheadBytes = 160

    private let state: Mutex<LeastRecentlyUsedCache<Key, [Float]>>

    /// A cache of at most so many bytes.
    init(maximumBytes: Int) {
        state = Mutex(LeastRecentlyUsedCache(maximumCost: maximumBytes))
    }

    /// The tokens that are here, by item id.
    func tokens(of itemIDs: [String], release: ReleaseReference) -> [String: [Float]] {
        state.withLock { cache in
            var found: [String: [Float]] = [:]
            for id in itemIDs {
                found[id] = cache.value(for: Key(release: release, itemID: id))
            }
            return found
        }
    }

    /// Keeps the tokens, row by row.
    func insert(_ vectors: FloatTensor, of itemIDs: [String], release: ReleaseReference) {
        state.withLock { cache in
            for (row, id) in itemIDs.enumerated() {
                let vector = Array(vectors.row(row))
                cache.insert(
                    vector, for: Key(release: release, itemID: id),
                    cost: vector.count * MemoryLayout<Float>.size + id.utf8.count
                        + Self.entryOverheadBytes)
            }
        }
    }

    /// Counts since the start.
    var statistics: Statistics {
        state.withLock {
            Statistics(
                hitCount: $0.hitCount, missCount: $0.missCount, evictionCount: $0.evictionCount,
                tokenCount: $0.count, byteCount: $0.cost)
        }
    }
}
