internal import Domain

extension Balancer {
    /// Load of a replica in percent of the average, from which on it passes calls on.
    ///
    /// Lower spreads bursts of one key better, higher keeps more calls where their prefix is.
    private static var boundPercent: Int { 125 }

    /// The replica whose hash with `key` is highest, among those whose load is within the bound.
    ///
    /// Rendezvous hashing rather than a ring: no table to keep, keys of a lost replica spread over
    /// all others, and the few replicas of a client are asked in microseconds.
    func rendezvous(_ key: UInt64, _ need: Need, _ request: Request) -> Int? {
        let usable = members.indices.filter { isUsable($0, need, request) }
        guard !usable.isEmpty else { return nil }
        let total = usable.reduce(1) { $0 + members[$1].inFlight }
        // ceil(1.25 x average), counting the call to come. The least loaded has at most the
        // average, so that some replica is always within it.
        let bound = (total * Self.boundPercent + usable.count * 100 - 1) / (usable.count * 100)
        var best: (index: Int, weight: UInt64)?
        for index in usable where members[index].inFlight < bound {
            let weight = weight(of: index, key)
            if best.map({ weight > $0.weight }) ?? true { best = (index, weight) }
        }
        return best?.index
    }

    private func weight(of index: Int, _ key: UInt64) -> UInt64 {
        var mixer = SeededGenerator(seed: members[index].nameHash ^ key)
        return mixer.next()
    }
}
