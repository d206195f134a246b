internal import Foundation
internal import GatewayCore
public import Releases
public import TrainingCore

/// Fits a release's fusion weights to validation users, and writes the release with them.
public struct FusionFitting: Sendable {
    /// What was fitted.
    public let fit: FusionFit
    /// Users of which a question could be fitted.
    public let userCount: Int
    /// Mean negative log-chance of the targets by the recommender alone, at its own best weight.
    public let srsLoss: Double
    /// HitRatio@1 of the fitted order minus the recommender's, over the users it was fitted to.
    public let gain: BootstrapInterval
    /// The fitted order's HitRatio@1 over the same users.
    public let hitRatio: BootstrapInterval

    /// Fits to answers whose target and candidates all have both scores.
    ///
    /// - Throws: ``EvaluationFailure`` when none has.
    public init(_ answers: [ScoredQuestion], seed: UInt64) throws {
        let usable = answers.compactMap { answer in
            answer.choice.map { (answer: answer, choice: $0) }
        }
        guard !usable.isEmpty else {
            throw EvaluationFailure(
                "no question has its target and both scores of all candidates",
                next: "more --rows, or candidates that fit a prompt")
        }
        let fit = FusionFit(usable.map(\.choice))
        self.fit = fit
        userCount = Set(usable.map(\.answer.question.userID)).count
        srsLoss =
            FusionFit(
                usable.map {
                    FusionFit.Choice(
                        llm: $0.choice.llm.map { _ in 0 }, srs: $0.choice.srs,
                        target: $0.choice.target)
                }
            ).loss
        let weights = FusionWeights(llm: fit.llm, srs: fit.srs)
        func hits(_ ranker: Ranker) -> UserValues {
            UserValues(usable.map(\.answer)) {
                $0.rank(by: ranker, weights: weights) == 1 ? 1 : 0
            }
        }
        let fused = hits(.fused)
        gain = BootstrapInterval(fused.minus(hits(.srs)).values, seed: seed)
        hitRatio = BootstrapInterval(fused.values, seed: seed)
    }

    /// Writes `release` with the fitted weights into a new folder.
    ///
    /// - Parameters:
    ///   - destination: a folder that does not exist.
    ///   - name: of the new release; a catalog takes no second manifest under a name it has.
    ///   - settings: how the questions were made, for the training record.
    /// - Throws: `ReleaseError`; nothing is left half-written.
    public func write(
        _ release: Release, to destination: String, name: String, settings: [String: String]
    ) throws -> Release {
        var manifest = release.manifest
        manifest.name = name
        manifest.fusion = .init(llm: fit.llm, srs: fit.srs)
        manifest.training.recipe.merge(settings) { $1 }
        manifest.training.metrics.merge([
            "fusion_validation_users": Double(userCount), "fusion_validation_loss": fit.loss,
            "fusion_validation_srs_loss": srsLoss,
            "fusion_validation_hit_ratio_at_1": hitRatio.mean,
            "fusion_validation_hit_ratio_at_1_gain": gain.mean,
            "fusion_validation_hit_ratio_at_1_gain_low": gain.low,
            "fusion_validation_hit_ratio_at_1_gain_high": gain.high,
        ]) { $1 }
        let writer = try ReleaseWriter(destination: destination)
        do {
            for file in release.manifest.fileNames {
                try FileManager.default.copyItem(
                    atPath: release.path(of: file), toPath: writer.path(of: file))
            }
            return try writer.finish(manifest)
        } catch {
            writer.abandon()
            throw error
        }
    }
}

extension ScoredQuestion {
    /// What the target was chosen from; nil when it is no candidate, or a score is missing.
    fileprivate var choice: FusionFit.Choice? {
        guard let llm, let target = question.candidates.firstIndex(of: question.target) else {
            return nil
        }
        let scores = llm.compactMap { $0 }
        guard scores.count == llm.count else { return nil }
        return FusionFit.Choice(llm: scores, srs: srs, target: target)
    }
}
