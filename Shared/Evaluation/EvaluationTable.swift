public import TrainingCore

/// What an evaluation found on one protocol: rankers in rows, measures in columns.
public struct EvaluationTable: Sendable, Equatable {
    /// What is measured.
    public struct Column: Sendable, Hashable {
        /// For programs, in snake case.
        public let name: String
        /// For people.
        public let title: String

        /// Names a measure.
        public init(_ name: String, _ title: String) {
            self.name = name
            self.title = title
        }
    }

    /// What was measured of one ranker, or of the difference of two.
    public struct Row: Sendable, Equatable {
        /// For programs, in snake case.
        public let name: String
        /// For people.
        public let title: String
        /// One for each column: the mean over users and its interval; nil where nobody has a value.
        public let cells: [BootstrapInterval?]

        /// Makes a row.
        public init(_ name: String, _ title: String, _ cells: [BootstrapInterval?]) {
            self.name = name
            self.title = title
            self.cells = cells
        }
    }

    /// For programs, in snake case.
    public let name: String
    /// For people.
    public let title: String
    /// The measures.
    public let columns: [Column]
    /// The rankers.
    public let rows: [Row]

    /// Makes a table.
    public init(_ name: String, _ title: String, columns: [Column], rows: [Row]) {
        self.name = name
        self.title = title
        self.columns = columns
        self.rows = rows
    }
}
