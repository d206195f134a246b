internal import Domain
internal import Foundation
internal import TrainingCore

/// `dataset.json` of a data folder: what its files do not say themselves.
public struct DataDescription: Sendable, Equatable, Codable {
    /// The file's name.
    public static let file = "dataset.json"
    /// The one format there is.
    public static let currentFormat = 1

    /// Format of the folder.
    public var format = Self.currentFormat
    /// What the items are: movie, game, artist or item; it decides the prompts' words.
    public var domain: String
    /// The least rating that the split `users` keeps; nil keeps all.
    public var minimumRating: Float?

    /// Makes a description.
    public init(domain: String, minimumRating: Float? = nil) {
        self.domain = domain
        self.minimumRating = minimumRating
    }

    private enum CodingKeys: String, CodingKey {
        case format, domain
        case minimumRating = "minimum_rating"
    }

    /// Reads the file's bytes.
    init(bytes: [UInt8], source: String) throws(DataError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw DataError(
                source: source,
                message: "is no description of a data folder: {\"format\": 1, \"domain\": "
                    + "\"movie\"}", advice: "llara import dataset makes the folder anew")
        }
        guard format == Self.currentFormat else {
            throw DataError(
                source: source,
                message: "is of format \(format); this program reads \(Self.currentFormat)")
        }
        guard ItemDomain(rawValue: domain) != nil else {
            throw DataError(
                source: source,
                message: "the domain is not one of "
                    + ItemDomain.list)
        }
    }

    /// The file's bytes.
    var encoded: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return [UInt8](try encoder.encode(self)) + [0x0A]
        }
    }
}
