import Domain
import RPC
import Wire

/// Why a stage of the fallback ladder was left.
struct StageFailure: Error {
    let stage: String
    let reason: String
    let message: String

    init(stage: String, reason: String, message: String) {
        self.stage = stage
        self.reason = reason
        self.message = message
    }

    /// The failure behind an error of a stage's call.
    init(stage: String, error: any Error) {
        if let failure = error as? StageFailure {
            self = failure
        } else if let error = error as? RPCError {
            self.init(
                stage: stage, reason: error.code.name.lowercased(),
                message: "\(stage): \(error.message)")
        } else {
            self.init(stage: stage, reason: "internal", message: "\(stage) failed")
        }
    }

    /// What the answer says of it.
    var degradation: Degradation {
        Degradation(stage: stage, reason: reason, message: message)
    }
}

/// Refuses an answer that comes from another release than the one asked for.
func requireRelease(
    _ answered: String, _ asked: ReleaseReference, stage: String
) throws(StageFailure) {
    guard ReleaseReference(parsing: answered) == asked else {
        throw StageFailure(
            stage: stage, reason: "release_mismatch",
            message: "\(stage) answered from release \(answered), not \(asked)")
    }
}
