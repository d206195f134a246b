import DataSets
import Foundation

/// The real data set, where the bootstrap puts it; a test without it fails.
enum MovieLens {
    static func folder() throws -> DataFolder {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try DataFolder(
            directory: root.appendingPathComponent(".prefix/data/movielens-100k").path)
    }
}
