internal import Domain

/// The order in which the prompt shows the candidates.
///
/// A list-wise prompt shows all candidates, so their order moves scores. It is derived from the
/// request's content, never from the caller's order, and differs from user to user so that no item
/// always stands first.
public enum CandidateOrder {
    /// `candidateIDs` sorted by a hash of the history and the id.
    public static func shown(candidateIDs: [String], historyIDs: [String]) -> [String] {
        var seed = StableHash()
        for id in historyIDs { seed.combine(id) }
        let keyed = candidateIDs.map { id in
            var hash = seed
            hash.combine(id)
            return (key: hash.value, id: id)
        }
        return keyed.sorted { $0.key != $1.key ? $0.key < $1.key : $0.id < $1.id }.map(\.id)
    }
}
