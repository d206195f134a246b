import TrainingCore

/// A data set in the indices of the vocabulary: what a sequential recommender trains on.
struct TrainingData: Sendable {
    /// A row to be answered, in indices.
    struct Row: Sendable {
        let history: [Int]
        let target: Int
        /// The items that are no rivals of the target: its history.
        let seen: Set<Int>
    }

    let dataSet: DataSet
    /// The training sequences.
    let sequences: [[Int]]
    /// The rows that stop training early.
    let validation: [Row]

    /// - Throws: ``DataError`` when too little is left to train and validate on.
    init(_ dataSet: DataSet) throws {
        self.dataSet = dataSet
        sequences = dataSet.split.training.map { user in
            user.itemIDs.compactMap(dataSet.position(of:))
        }
        validation = Self.validationRows(dataSet)
        guard sequences.contains(where: { $0.count >= 2 }), !validation.isEmpty else {
            throw DataError(
                source: dataSet.name,
                message: "too few interactions to train and validate under "
                    + dataSet.split.rule.rawValue)
        }
    }

    var itemCount: Int { dataSet.items.count }

    /// A row's indices.
    func row(_ evaluation: EvaluationCase) -> Row? { Self.row(evaluation, dataSet) }

    private static func row(_ evaluation: EvaluationCase, _ dataSet: DataSet) -> Row? {
        guard let target = dataSet.position(of: evaluation.target) else { return nil }
        let history = evaluation.history.compactMap(dataSet.position(of:))
        return history.isEmpty
            ? nil : Row(history: history, target: target, seen: Set(history))
    }

    /// One row a user where users validate by their last item; where whole users validate, their ten
    /// last prefixes, because some 94 rows alone are too noisy to stop by.
    private static func validationRows(_ dataSet: DataSet) -> [Row] {
        let split = dataSet.split
        guard !split.validationSequences.isEmpty else {
            return split.validation.compactMap { row($0, dataSet) }
        }
        return split.validationSequences.flatMap { user -> [Row] in
            let count = user.itemIDs.count
            return stride(from: max(1, count - 10), to: count, by: 1).compactMap { position in
                let history = user.itemIDs[..<position].suffix(split.rule.historyLimit ?? count)
                return row(
                    EvaluationCase(
                        userID: user.userID, history: Array(history),
                        target: user.itemIDs[position]), dataSet)
            }
        }
    }
}
