/// A map bounded by the cost of what it holds; what was not asked for longest goes first.
///
/// A value: whoever shares it puts a lock around it. Every operation takes constant time.
public struct LeastRecentlyUsedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let key: Key
        var value: Value
        var cost: Int
        var newer: Int?
        var older: Int?
    }

    /// The cost that is never exceeded.
    public let maximumCost: Int
    /// The cost of all values held.
    public private(set) var cost = 0
    /// Questions that were answered.
    public private(set) var hitCount = 0
    /// Questions that were not.
    public private(set) var missCount = 0
    /// Values that had to go for others.
    public private(set) var evictionCount = 0

    private var places: [Key: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?

    /// An empty cache; with a `maximumCost` of 0 it stays empty.
    public init(maximumCost: Int) {
        self.maximumCost = maximumCost
    }

    /// Number of values held.
    public var count: Int { places.count }

    /// The value of `key`, which becomes the newest.
    public mutating func value(for key: Key) -> Value? {
        guard let place = places[key] else {
            missCount += 1
            return nil
        }
        hitCount += 1
        unlink(place)
        linkAsNewest(place)
        return entries[place]?.value
    }

    /// Holds `value`, unless it alone costs more than the cache may.
    public mutating func insert(_ value: Value, for key: Key, cost valueCost: Int) {
        remove(key)
        guard valueCost <= maximumCost else { return }
        while cost + valueCost > maximumCost, let last = oldest, let entry = entries[last] {
            remove(entry.key)
            evictionCount += 1
        }
        let entry = Entry(key: key, value: value, cost: valueCost)
        let place: Int
        if let reused = free.popLast() {
            place = reused
            entries[place] = entry
        } else {
            place = entries.count
            entries.append(entry)
        }
        places[key] = place
        cost += valueCost
        linkAsNewest(place)
    }

    private mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        unlink(place)
        cost -= entries[place]?.cost ?? 0
        entries[place] = nil
        free.append(place)
    }

    private mutating func unlink(_ place: Int) {
        guard let entry = entries[place] else { return }
        if let newer = entry.newer {
            entries[newer]?.older = entry.older
        } else {
            newest = entry.older
        }
        if let older = entry.older {
            entries[older]?.newer = entry.newer
        } else {
            oldest = entry.newer
        }
    }

    private mutating func linkAsNewest(_ place: Int) {
        entries[place]?.older = newest
        entries[place]?.newer = nil
        if let newest { entries[newest]?.newer = place }
        newest = place
        if oldest == nil { oldest = place }
    }
}
