import Domain
import Evaluation
import Foundation
import TrainingCore

extension EvaluateCommand {
    /// What is asked of one release.
    func questions(
        _ rows: EvaluationRows, _ sets: [CandidateSets], _ recommender: ReleaseRecommender,
        _ representation: Representation
    ) throws -> [EvaluationQuestion] {
        let topics = topic.isEmpty ? [.listWise, .full] : topic
        var questions: [EvaluationQuestion] = []
        for (draw, set) in sets.enumerated() {
            if topics.contains(.listWise) || diagnostics {
                questions += rows.questions(.listWise, draw: draw, sets: set)
            }
            if topics.contains(.pairWise) {
                let pairs = try candidateSets(draw, rows, isPairWise: true)
                questions += rows.questions(.pairWise, draw: draw, sets: pairs)
            }
            if diagnostics {
                questions += rows.questions(.shuffledHistory, draw: draw, sets: set)
                if representation.hasBehaviouralTokens {
                    questions += rows.questions(.permutedTokens, draw: draw, sets: set)
                }
            }
        }
        if topics.contains(.full) {
            questions += try rows.questions(.full, retrievedBy: recommender)
        }
        if topics.contains(.served) {
            questions += try rows.questions(.served, retrievedBy: recommender)
        }
        return questions
    }

    /// The candidates of one draw: stored ones, or new ones, stored when a file is named.
    func candidateSets(
        _ draw: Int, _ rows: EvaluationRows, isPairWise: Bool = false
    ) throws -> CandidateSets {
        let negatives = isPairWise ? 1 : self.negatives
        let suffix = (isPairWise ? ".pairs" : "") + (draw == 0 ? "" : ".\(draw + 1)")
        guard let file = candidates.map({ $0 + suffix }) else {
            return try rows.candidateSets(draw: draw, negatives: negatives)
        }
        if FileManager.default.fileExists(atPath: file) {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            let stored = try CandidateSets(decoding: bytes, source: file)
            try rows.require(stored, negatives: negatives, source: file)
            return stored
        }
        let drawn = try rows.candidateSets(draw: draw, negatives: negatives)
        try Data(drawn.encoded).write(to: URL(fileURLWithPath: file), options: .atomic)
        return drawn
    }
}
