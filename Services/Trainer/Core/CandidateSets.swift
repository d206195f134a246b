import Domain

/// The candidates of one row: the target among negatives, in the order they are shown.
public struct CandidateSet: Sendable, Hashable {
    /// The user's external id.
    public let userID: String
    /// The item to be found, one of the candidates.
    public let target: String
    /// Target and negatives, shuffled.
    public let candidates: [String]

    /// Makes a set.
    public init(userID: String, target: String, candidates: [String]) {
        self.userID = userID
        self.target = target
        self.candidates = candidates
    }
}

/// Candidate sets drawn once, stored, and used for every model that is compared.
///
/// Negatives are uniform over the catalog without replacement, outside the user's *full* history (the
/// reference code checks only the last 10 items) and never the target.
public struct CandidateSets: Sendable, Equatable {
    /// Negatives of the list-wise protocol (LLaRA section 4.1: 1 of 20).
    public static let listWiseNegatives = 19
    /// Most negatives of a row.
    public static let maximumNegatives = 1_000

    /// What the sets were drawn for: ``Split/stableHash`` in hexadecimal.
    public let split: String
    /// The seed they were drawn with.
    public let seed: UInt64
    /// Negatives of each row.
    public let negatives: Int
    /// One set a row, in the rows' order.
    public let sets: [CandidateSet]

    /// Draws the sets of `rows`.
    ///
    /// A row's draw depends on seed, draw, user and target alone, not on other rows.
    /// - Parameters:
    ///   - rows: what is to be answered.
    ///   - catalog: every item that may be a negative, in a fixed order.
    ///   - seen: every item each user ever interacted with.
    ///   - draw: which of several draws of one seed, from 0; draws of two seeds have nothing in
    ///     common.
    /// - Throws: ``DataError`` when a user has seen so much that too few negatives are left.
    public init(
        drawing negatives: Int, for rows: [EvaluationCase], catalog: [String],
        seen: [String: Set<String>], split: String, seed: UInt64, draw: Int = 0
    ) throws(DataError) {
        guard (1...Self.maximumNegatives).contains(negatives) else {
            throw DataError(
                source: "candidates",
                message: "\(negatives) negatives; 1 to \(Self.maximumNegatives) can be drawn")
        }
        var sets: [CandidateSet] = []
        sets.reserveCapacity(rows.count)
        for row in rows {
            let excluded = seen[row.userID, default: []].union(row.history)
            var pool = catalog.filter { $0 != row.target && !excluded.contains($0) }
            guard pool.count >= negatives else {
                throw DataError(
                    source: "candidates",
                    message: "a user leaves \(pool.count) unseen items, \(negatives) are wanted")
            }
            var generator = SeededGenerator(
                seed: seed,
                parts: ["candidates", row.userID, row.target] + (draw == 0 ? [] : ["\(draw)"]))
            generator.shufflePrefix(&pool, count: negatives)
            var candidates = [row.target] + pool[..<negatives]
            generator.shuffle(&candidates)
            sets.append(
                CandidateSet(userID: row.userID, target: row.target, candidates: candidates))
        }
        self.split = split
        self.seed = seed
        self.negatives = negatives
        self.sets = sets
    }
}

extension CandidateSets {
    /// What makes stored sets unfit for these rows; nil when they are as drawn ones would be.
    ///
    /// - Parameters:
    ///   - rows: what is to be answered.
    ///   - catalog: every item that may be a candidate.
    ///   - seen: every item each user ever interacted with.
    public func problem(
        for rows: [EvaluationCase], catalog: Set<String>, seen: [String: Set<String>]
    ) -> String? {
        guard sets.map(\.userID) == rows.map(\.userID), sets.map(\.target) == rows.map(\.target)
        else { return "candidates of other rows" }
        for (set, row) in zip(sets, rows) {
            let others = Set(set.candidates).subtracting([row.target])
            guard catalog.isSuperset(of: others) else { return "a candidate outside the catalog" }
            guard others.isDisjoint(with: seen[row.userID, default: []].union(row.history)) else {
                return "a candidate that its user saw"
            }
        }
        return nil
    }

    private static let magic = "llara-candidates"

    /// The sets as tab-separated text: a header line, then user, target and candidates a line.
    public var encoded: [UInt8] {
        var text = "\(Self.magic)\t1\t\(split)\t\(seed)\t\(negatives)\n"
        for set in sets {
            text += ([set.userID, set.target] + set.candidates).joined(separator: "\t") + "\n"
        }
        return Array(text.utf8)
    }

    /// Reads what ``encoded`` gave.
    ///
    /// - Throws: ``DataError`` with the line that is malformed: another format, a field too few or
    ///   many, a target that is no candidate, a candidate twice, a line that is cut off.
    public init(decoding bytes: [UInt8], source: String) throws(DataError) {
        guard bytes.last == 0x0A, let text = String(validating: bytes, as: UTF8.self) else {
            throw DataError(source: source, message: "is empty, cut off or not UTF-8")
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        let header = (lines.first ?? "").split(separator: "\t", omittingEmptySubsequences: false)
        guard header.count == 5, header[0] == Self.magic, header[1] == "1",
            let seed = UInt64(header[3]), let negatives = Int(header[4]),
            (1...Self.maximumNegatives).contains(negatives)
        else {
            throw DataError(source: source, line: 1, message: "is no header of stored candidates")
        }
        var sets: [CandidateSet] = []
        for (index, line) in lines.enumerated().dropFirst() {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                .map(String.init)
            guard fields.count == negatives + 3 else {
                throw DataError(
                    source: source, line: index + 1,
                    message: "has \(fields.count) fields, not \(negatives + 3)")
            }
            let candidates = Array(fields[2...])
            guard candidates.contains(fields[1]), Set(candidates).count == candidates.count else {
                throw DataError(
                    source: source, line: index + 1,
                    message: "a candidate appears twice or the target is none of them")
            }
            sets.append(
                CandidateSet(userID: fields[0], target: fields[1], candidates: candidates))
        }
        self.split = String(header[2])
        self.seed = seed
        self.negatives = negatives
        self.sets = sets
    }
}

extension CandidateSets {
    /// Each target's rank among its candidates.
    ///
    /// - Parameter score: the candidates' scores for the row at this position, in their order.
    public func ranks<Failure: Error>(
        _ score: (Int, CandidateSet) throws(Failure) -> [Double]
    ) throws(Failure) -> [Int] {
        var ranks: [Int] = []
        for (position, set) in sets.enumerated() {
            let scores = try score(position, set)
            let scored = zip(set.candidates, scores).map { ScoredItem(itemID: $0, score: $1) }
            // A set holds its target and a score each, so a missing rank cannot be a good one.
            ranks.append(RankingMetrics.rank(of: set.target, in: scored) ?? set.candidates.count)
        }
        return ranks
    }
}
