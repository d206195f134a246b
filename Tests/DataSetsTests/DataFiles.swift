import Foundation
import TestSupport

/// A folder of files with given contents.
struct DataFiles {
    private let folder: ScratchFolder

    init(_ files: [String: String] = [:]) throws {
        folder = try ScratchFolder()
        for (name, text) in files { try Data(text.utf8).write(to: url(name)) }
    }

    /// The folder's path.
    var path: String { folder.path }

    /// The path of a file in it.
    func path(_ name: String) -> String { url(name).path }

    /// The names of all files in it.
    func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: path))
    }

    private func url(_ name: String) -> URL { URL(fileURLWithPath: "\(path)/\(name)") }
}
