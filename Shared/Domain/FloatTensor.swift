/// A row-major matrix of float32: item rows, user states, behavioural tokens.
public struct FloatTensor: Sendable, Equatable {
    /// Number of rows.
    public let rows: Int
    /// Width of a row.
    public let columns: Int
    /// `rows * columns` values, row after row.
    public let values: [Float]

    /// Makes a tensor; `values.count` must be `rows * columns`.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(rows >= 0 && columns >= 0, "a tensor has no negative side")
        precondition(
            values.count == rows * columns, "\(values.count) values for \(rows)x\(columns)")
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// Makes a tensor from rows of equal width.
    public init(_ rowList: [[Float]], columns: Int) {
        self.init(rows: rowList.count, columns: columns, values: rowList.flatMap { $0 })
    }

    /// An empty tensor: zero rows of zero columns.
    public static let empty = FloatTensor(rows: 0, columns: 0, values: [])

    /// Row `index`, `columns` values.
    public func row(_ index: Int) -> ArraySlice<Float> {
        values[index * columns..<(index + 1) * columns]
    }

    /// Position (row, column) of the first value that is not finite, if there is one.
    public var firstNonFinite: (row: Int, column: Int)? {
        guard let index = values.firstIndex(where: { !$0.isFinite }) else { return nil }
        return (index / columns, index % columns)
    }
}
