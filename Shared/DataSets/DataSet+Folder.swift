internal import Foundation
public import TrainingCore

extension DataSet {
    /// Reads the folder `directory`.
    ///
    /// - Throws: ``DataError`` for a folder or file that cannot be read or used.
    public init(directory: String, rule: SplitRule) throws {
        let folder = URL(fileURLWithPath: directory).standardizedFileURL.path
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw DataError(
                source: folder, message: "cannot be read; next: Deploy/bootstrap, or --data")
        }
        try self.init(directory: folder, fileNames: names, rule: rule) { path in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let size = attributes[.size] as? Int ?? 0
            guard size <= DataSet.maximumFileBytes else {
                throw DataError(
                    source: path, message: "\(size) bytes, more than \(Self.maximumFileBytes)")
            }
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }
}
