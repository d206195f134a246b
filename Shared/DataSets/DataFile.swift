internal import Domain
internal import Foundation
internal import TrainingCore

/// Reads the files of data sets.
enum DataFile {
    /// All bytes of the file at `path`, as long as it keeps to the limit.
    static func bytes(_ path: String) throws(DataError) -> [UInt8] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let size = attributes?[.size] as? Int else {
            throw DataError(source: path, message: "cannot be read; check path and permissions")
        }
        guard size <= DataLimits.maximumFileBytes else {
            throw DataError(
                source: path, message: "\(size) bytes, more than \(DataLimits.maximumFileBytes)")
        }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw DataError(source: path, message: "cannot be read; check path and permissions")
        }
        return [UInt8](data)
    }

    /// The file at `path` as rows under named columns.
    static func table(
        _ path: String, format: DelimitedFormat = DelimitedFormat(separator: .tab)
    ) throws(DataError) -> DataTable {
        try DataTable(bytes: bytes(path), source: path, format: format)
    }
}
