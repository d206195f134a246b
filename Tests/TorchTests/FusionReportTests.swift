import ArgumentParser
import Evaluation
import Testing
import TrainingCore

@testable import llara_train

@Suite("Fusion weights of both topics")
struct FusionReportTests {
    /// Five users; `best` is the ranker that is right about four of them.
    private func answers(
        _ kind: EvaluationQuestion.Kind, llmIsBest: Bool
    ) -> [ScoredQuestion] {
        (0..<5).map { user in
            let right = [1.0, 0, 0]
            let wrong = [0.0, 1, 0]
            let good = user < 4 ? right : wrong
            let poor = user < 1 ? right : wrong
            return ScoredQuestion(
                EvaluationQuestion(
                    kind, of: .init(userID: "u\(user)", history: ["h"], target: "a"),
                    candidates: ["a", "b", "c"]),
                srs: llmIsBest ? poor : good, llm: llmIsBest ? good : poor)
        }
    }

    @Test("served answers are asked by default, and --topic chooses")
    func options() throws {
        let options = ["--release", "r", "--data", "d", "--llm", "default", "--output", "o"]
        #expect(try FusionCommand.parse(options).topic == .served)
        #expect(try FusionCommand.parse(options + ["--topic", "list-wise"]).topic == .listWise)
        #expect(throws: (any Error).self) {
            try FusionCommand.parse(options + ["--topic", "full"])
        }
    }

    @Test("each topic has a fit of its own, and the record says whose weights are stored")
    func topics() throws {
        let both =
            answers(.listWise, llmIsBest: true) + answers(.served, llmIsBest: false)
        let served = try FusionReport(both, topic: .served, seed: 1)
        let listWise = try FusionReport(both, topic: .listWise, seed: 1)
        #expect(served.chosen.fit.srs > served.chosen.fit.llm)
        #expect(listWise.chosen.fit.llm > listWise.chosen.fit.srs)
        #expect(served.record["fusion_topic"] == "served")
        #expect(listWise.record["fusion_topic"] == "list-wise")
        #expect(served.record["fusion_list_wise"]?.hasSuffix("5 users") == true)
        #expect(served.record["fusion_served"] == listWise.record["fusion_served"])
    }

    @Test("a topic without an answer is left out, unless its weights are wanted")
    func missing() throws {
        let one = answers(.listWise, llmIsBest: true)
        let report = try FusionReport(one, topic: .listWise, seed: 1)
        #expect(report.record["fusion_served"] == nil)
        #expect(throws: EvaluationFailure.self) {
            try FusionReport(one, topic: .served, seed: 1)
        }
    }

    @Test("the bar is of the share that is done, the time left of this run's own pace")
    func display() {
        #expect(ProgressDisplay.bar(0.5) == "[############------------]")
        #expect(ProgressDisplay.bar(2) == "[" + String(repeating: "#", count: 24) + "]")
        #expect(ProgressDisplay.remaining(0, 0, 10, elapsedSeconds: 5) == "?")
        #expect(ProgressDisplay.remaining(6, 5, 10, elapsedSeconds: 5) == "20 s")
        #expect(ProgressDisplay.remaining(1, 0, 61, elapsedSeconds: 5) == "5 min")
        #expect(ProgressDisplay.remaining(1, 0, 3_601, elapsedSeconds: 5) == "5.0 h")
    }
}
