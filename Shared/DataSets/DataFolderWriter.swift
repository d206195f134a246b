internal import Foundation
public import TrainingCore

extension DataFolder {
    /// A folder of these contents that is not yet written.
    init(
        name: String, description: DataDescription, items: [DataItem], interactions: [Interaction]
    ) {
        self.name = name
        self.description = description
        self.items = items
        self.interactions = interactions
    }

    /// Writes the folder; it appears complete or not at all.
    ///
    /// - Throws: ``DataError`` when `destination` exists or the disk does not take it.
    public func write(to destination: String) throws(DataError) {
        let target = URL(fileURLWithPath: destination).standardizedFileURL
        let manager = FileManager.default
        guard !manager.fileExists(atPath: target.path) else {
            throw DataError(
                source: target.path, message: "exists", advice: "remove it, or another --output")
        }
        let parent = target.deletingLastPathComponent()
        let partial = parent.appendingPathComponent(
            ".\(target.lastPathComponent).partial-\(UUID().uuidString)")
        do {
            try manager.createDirectory(at: partial, withIntermediateDirectories: true)
            defer { try? manager.removeItem(at: partial) }
            for (file, bytes) in [
                (DataDescription.file, try description.encoded), (Self.itemFile, itemTable),
                (Self.interactionFile, interactionTable),
            ] {
                try Data(bytes).write(to: partial.appendingPathComponent(file))
            }
            try manager.moveItem(at: partial, to: target)
        } catch {
            throw DataError(
                source: target.path, message: "cannot be written: \(error.localizedDescription)")
        }
    }

    /// `items.tsv`: an item has an empty field where it lacks an attribute that others have.
    private var itemTable: [UInt8] {
        let hasYears = items.contains { $0.year != nil }
        var keys: [String] = []
        var known: Set<String> = []
        for item in items {
            for attribute in item.attributes where known.insert(attribute.key).inserted {
                keys.append(attribute.key)
            }
        }
        var text = Self.line(["id", "title"] + (hasYears ? ["year"] : []) + keys)
        for item in items {
            let values = Dictionary(
                item.attributes.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            let year = hasYears ? [item.year.map(String.init) ?? ""] : []
            text += Self.line([item.id, item.title] + year + keys.map { values[$0] ?? "" })
        }
        return Array(text.utf8)
    }

    /// `interactions.tsv` with those columns that the interactions have.
    private var interactionTable: [UInt8] {
        let first = interactions.first
        let (hasRating, hasTime) = (first?.rating != nil, first?.timeSeconds != nil)
        let hasPart = first?.part != nil
        var text = Self.line(
            ["user", "item"] + (hasRating ? ["rating"] : []) + (hasTime ? ["time"] : [])
                + (hasPart ? ["part"] : []))
        for interaction in interactions {
            text += interaction.userID + "\t" + interaction.itemID
            if let rating = interaction.rating, hasRating { text += "\t\(rating)" }
            if let time = interaction.timeSeconds, hasTime { text += "\t\(time)" }
            if let part = interaction.part, hasPart { text += "\t\(part.rawValue)" }
            text += "\n"
        }
        return Array(text.utf8)
    }

    private static func line(_ fields: [String]) -> String {
        fields.joined(separator: "\t") + "\n"
    }
}
