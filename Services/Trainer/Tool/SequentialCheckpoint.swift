import Torch
import TrainingModels

/// The state of a sequential recommender's training, saved after an epoch.
extension Checkpoint {
    /// Stores the run; `identity` says which run it is.
    func save(_ training: SequentialTraining, identity: String) throws {
        var state = CheckpointState(identity: identity)
        state.numbers = [
            "epoch": UInt64(training.nextEpoch - 1), "best_epoch": UInt64(training.bestEpoch),
            "best_bits": training.best.bitPattern,
        ]
        try state.add(training.model.parameters, optimizer: training.optimizer)
        try state.add(best: training.bestWeights, of: training.model.parameters)
        try save(state)
    }

    /// Puts a stored run back; the next epoch then goes as if the run had never stopped.
    ///
    /// - Throws: when the file is of another run: other data, seed or recipe.
    func load(into training: SequentialTraining, identity: String, library: TorchLibrary) throws {
        let stored = try load(identity: identity)
        try stored.restore(
            training.model.parameters, optimizer: training.optimizer, library: library)
        training.resume(
            after: try stored.count("epoch"),
            best: Double(bitPattern: try stored.number("best_bits")),
            bestEpoch: try stored.count("best_epoch"),
            bestWeights: try stored.best(of: training.model.parameters))
    }
}
