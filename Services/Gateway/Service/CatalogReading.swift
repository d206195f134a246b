import Domain
import GatewayCore
import Storage
import Wire

/// One reading of the catalog: titles, and what may be answered as of its version.
struct CatalogReading {
    /// Every change up to this version is in it, and none after it.
    let catalogVersion: UInt64
    private var items: [String: CandidateItem]
    private let allowed: Set<String>

    /// Judges what was read: an answer holds allowed items that are not barred.
    init(_ found: CandidateItems, _ wanted: CandidateRequest) {
        catalogVersion = found.catalogVersion
        items = Dictionary(found.items.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let refused = found.items.filter { !$0.isAllowed || wanted.barred.contains($0.id) }
        // Rows from before ids had one Unicode form may be one String here: where one is refused,
        // both are.
        allowed = Set(found.items.map(\.id)).subtracting(refused.map(\.id))
    }

    /// Whether the catalog has it, servable or not.
    func has(_ itemID: String) -> Bool { items[itemID] != nil }

    /// Whether it may be answered.
    func allows(_ itemID: String) -> Bool { allowed.contains(itemID) }

    /// The candidate with the encoder's score; nil when it may not be answered.
    func candidate(_ scored: RetrievedItem) -> Candidate? {
        candidate(
            scored.itemID, srs: Double(scored.score), notInRelease: scored.notInRelease)
    }

    /// The candidate; nil when it may not be answered.
    func candidate(_ itemID: String, srs: Double?, notInRelease: Bool) -> Candidate? {
        guard allows(itemID), let item = items[itemID] else { return nil }
        return Candidate(
            id: item.id, title: item.title, year: item.year, srs: srs, notInRelease: notInRelease)
    }

    /// Adds items for their titles; they may not be answered.
    mutating func addTitles(_ found: CandidateItems) {
        for item in found.items { items[item.id] = item }
    }

    /// Titles of those that the catalog has.
    func titles(of itemIDs: [String]) -> [DistinctTitles.Entry] {
        Set(itemIDs).compactMap { items[$0] }.map {
            DistinctTitles.Entry(id: $0.id, title: $0.title, year: $0.year)
        }
    }
}
