import Evaluation
import Foundation
import Releases
import TrainingCore

/// What the weights are fitted to.
enum FusionTopic: String, CaseIterable {
    case listWise = "list-wise"
    case served

    var kind: EvaluationQuestion.Kind { self == .listWise ? .listWise : .served }
}

/// The weights fitted to random negatives and to what would be served, of which one is stored.
struct FusionReport {
    /// Whose weights are stored.
    let topic: FusionTopic
    /// The fit of that topic.
    let chosen: FusionFitting
    private let fits: [FusionTopic: FusionFitting]

    /// Fits the answers of each topic.
    ///
    /// - Throws: ``EvaluationFailure`` when no answer of `topic` can be fitted; the other topic is
    ///   only reported, and may have none.
    init(_ answers: [ScoredQuestion], topic: FusionTopic, seed: UInt64) throws {
        func fit(_ topic: FusionTopic) throws -> FusionFitting {
            try FusionFitting(answers.filter { $0.question.kind == topic.kind }, seed: seed)
        }
        self.topic = topic
        chosen = try fit(topic)
        var fits = [topic: chosen]
        for other in FusionTopic.allCases where other != topic { fits[other] = try? fit(other) }
        self.fits = fits
    }

    /// For the training record: which topic's weights are stored, and what each topic gave.
    var record: [String: String] {
        var record = ["fusion_topic": topic.rawValue]
        for (topic, fit) in fits {
            let name = "fusion_" + topic.rawValue.replacing("-", with: "_")
            record[name] =
                "\(Self.format(fit.fit.llm)) LLM + \(Self.format(fit.fit.srs)) SRS, "
                + "\(fit.userCount) users"
        }
        return record
    }

    /// For a person: both topics, and which is stored in `release`.
    func text(_ release: Release) -> String {
        var lines = ["wrote \(release.directory) with the weights of: \(topic.rawValue)"]
        for topic in FusionTopic.allCases {
            guard let fitting = fits[topic] else {
                lines.append(
                    "\(topic.rawValue): no question has its target and all scores; N = 0")
                continue
            }
            lines.append(Self.text(topic, fitting))
        }
        return lines.joined(separator: "\n")
    }

    private static func text(_ topic: FusionTopic, _ fitting: FusionFitting) -> String {
        let (fit, gain) = (fitting.fit, fitting.gain)
        let remark =
            fit.llm == 0
            ? "\n  The LLM's weight is 0: on these users it adds nothing to the recommender." : ""
        return """
            \(topic.rawValue): \(format(fit.llm)) LLM + \(format(fit.srs)) SRS, \
            N = \(fitting.userCount) validation users
              loss \(format(fit.loss)) nats, the SRS alone \(format(fitting.srsLoss))
              HitRatio@1 \(format(fitting.hitRatio.mean)), fused - SRS \(format(gain.mean)) \
            [\(format(gain.low)), \(format(gain.high))], on the users that it was fitted to\(remark)
            """
    }

    private static func format(_ value: Double) -> String { ProgressDisplay.format(value, 4) }
}
