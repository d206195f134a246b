internal import Domain

extension Balancer {
    /// A replica may have this share of the average load before it passes calls on, in percent;
    /// brings at most 1/0.25 times as many moves as without a bound.
    private static var boundPercent: Int { 125 }

    /// The replica whose hash with `key` is highest, among those whose load is within the bound.
    ///
    /// Rendezvous hashing rather than a ring: no table to keep, keys of a lost replica spread over
    /// all others, and the few replicas of a client are asked in microseconds. `usable` is not
    /// empty.
    func rendezvous(_ key: UInt64, among usable: [Int]) -> Int {
        let total = usable.reduce(1) { $0 + members[$1].inFlight }
        // ceil(1.25 x average), counting the call to come.
        let bound = (total * Self.boundPercent + usable.count * 100 - 1) / (usable.count * 100)
        let free = usable.filter { members[$0].inFlight < bound }
        let owner = free.max { weight(of: $0, key) < weight(of: $1, key) }
        // The least loaded has at most the average, so that some replica is always free.
        return owner ?? usable[0]
    }

    private func weight(of index: Int, _ key: UInt64) -> UInt64 {
        var mixer = SeededGenerator(seed: members[index].nameHash ^ key)
        return mixer.next()
    }
}
