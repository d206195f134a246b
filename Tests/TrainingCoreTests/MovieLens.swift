import Foundation
import TrainingCore

/// The real data set, where the bootstrap puts it; a test without it fails.
enum MovieLens {
    private static func read(_ name: String) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return [UInt8](
            try Data(
                contentsOf: root.appendingPathComponent(".prefix/data/movielens-100k/\(name)")))
    }

    static func interactions() throws -> [Interaction] {
        try Interaction.parse(read("ml-100k.inter"), source: "ml-100k.inter")
    }

    static func items() throws -> [MovieLensItem] {
        try MovieLensItem.parse(read("ml-100k.item"), source: "ml-100k.item")
    }
}
