internal import Domain

/// The items of a release: external id and title hash by index, no titles.
///
/// The file has one line an item in index order: `index<TAB>external id<TAB>title hash`, the hash
/// being the first 16 hexadecimal digits of the title's SHA-256. There is no escaping: an id that
/// holds a tab, a newline, a carriage return or a zero byte is refused.
public struct ItemVocabulary: Sendable, Equatable {
    /// Number of hexadecimal digits of a title hash.
    public static let titleHashDigits = 16

    /// External ids by index.
    public let ids: [String]
    /// Title hashes by index.
    public let titleHashes: [String]
    private let indices: [String: Int]

    /// Number of items.
    public var count: Int { ids.count }

    /// Makes a vocabulary.
    ///
    /// - Throws: `malformed` for no items, a doubled, empty, too long, forbidden or decomposed id, or a hash
    ///   that is not 16 digits; the error names the index, never the id.
    public init(ids: [String], titleHashes: [String]) throws(ReleaseError) {
        func refuse(_ message: String) -> ReleaseError {
            ReleaseError(code: .malformed, message: "vocabulary: \(message)")
        }
        guard !ids.isEmpty else { throw refuse("no items") }
        guard ids.count == titleHashes.count else {
            throw refuse("\(ids.count) ids and \(titleHashes.count) title hashes")
        }
        var indices: [String: Int] = [:]
        indices.reserveCapacity(ids.count)
        for (index, id) in ids.enumerated() {
            guard Self.isAllowed(id) else {
                throw refuse(
                    "item \(index) has an id that is empty, longer than "
                        + "\(ReleaseLimits.maximumItemIDBytes) bytes or holds a control character")
            }
            guard UnicodeForm.isComposed(id) else {
                throw refuse("item \(index) has an id that \(UnicodeForm.problem)")
            }
            guard indices.updateValue(index, forKey: id) == nil else {
                throw refuse("item \(index) has an id that an earlier one has")
            }
            guard Self.isTitleHash(titleHashes[index]) else {
                throw refuse("item \(index) has a title hash that is not 16 hexadecimal digits")
            }
        }
        self.ids = ids
        self.titleHashes = titleHashes
        self.indices = indices
    }

    /// For every item its place in the order of ids: how equal scores are told apart.
    public var placesByID: [Int32] {
        var places = [Int32](repeating: 0, count: count)
        for (place, index) in ids.indices.sorted(by: { ids[$0] < ids[$1] }).enumerated() {
            places[index] = Int32(place)
        }
        return places
    }

    /// Index of an item, nil if the release does not know it.
    public func index(of itemID: String) -> Int? { indices[itemID] }

    /// The hash under which a title stands in a vocabulary.
    public static func titleHash(of title: String) -> String {
        String(sha256(of: title.utf8).hexadecimal.prefix(titleHashDigits))
    }

    private static func isAllowed(_ id: String) -> Bool {
        (1...ReleaseLimits.maximumItemIDBytes).contains(id.utf8.count)
            && id.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    private static func isTitleHash(_ hash: String) -> Bool {
        hash.utf8.count == titleHashDigits
            && hash.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
                    || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
            }
    }
}

extension ItemVocabulary {
    /// The bytes of vocabulary.tsv.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        for index in ids.indices {
            bytes.append(contentsOf: "\(index)\t\(ids[index])\t\(titleHashes[index])\n".utf8)
        }
        return bytes
    }

    /// Reads vocabulary.tsv.
    package init(encoded bytes: [UInt8]) throws(ReleaseError) {
        func refuse(_ line: Int, _ message: String) -> ReleaseError {
            ReleaseError(code: .malformed, message: "vocabulary line \(line): \(message)")
        }
        var ids: [String] = []
        var hashes: [String] = []
        guard bytes.last == UInt8(ascii: "\n") else {
            throw ReleaseError(
                code: .malformed, message: "the vocabulary does not end with a newline")
        }
        let lines = bytes.dropLast().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
            guard fields.count == 3 else {
                throw refuse(index + 1, "\(fields.count) fields where 3 belong")
            }
            guard fields[0].elementsEqual(String(index).utf8) else {
                throw refuse(index + 1, "the index is not \(index)")
            }
            guard let id = String(validating: fields[1], as: UTF8.self),
                let hash = String(validating: fields[2], as: UTF8.self)
            else { throw refuse(index + 1, "not UTF-8") }
            ids.append(id)
            hashes.append(hash)
        }
        try self.init(ids: ids, titleHashes: hashes)
    }
}
