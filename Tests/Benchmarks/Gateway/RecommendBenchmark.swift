import ArgumentParser
import BenchmarkReport
import Foundation
import RPC
import ServiceAPI
import Wire

/// Recommend, warm, beside llama.cpp's own time for the same tokens.
struct RecommendBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "A whole recommendation beside the engine's time for the same tokens.")

    @Option(help: "The gateway, HOST:PORT.")
    var gateway: String
    @Option(help: "Stored users, asked one after another.")
    var users = 20
    @Option(help: "The first user's id, a number.")
    var firstUser = 1
    @Option(help: "Threads of the engine; the ranker's.")
    var engineThreads = ProcessInfo.processInfo.activeProcessorCount
    @Option(help: "The ranker's model (default: the one in .prefix).")
    var model = Surroundings.prefix.appending(path: "models/SmolLM2-135M-Instruct-Q8_0.gguf").path
    @OptionGroup var options: MeasuringOptions

    /// Longest wait for one answer.
    private static let timeout = Duration.seconds(60)
    /// Of a request that names no number, as gateway.proto says.
    private static let candidates = 20

    /// What the engine evaluated for one answer.
    private struct Work {
        var reused = 0
        var prompt = 0
        var trie = 0
        var candidates = 0
        var rankingMilliseconds = 0.0
    }

    func run() async throws {
        guard users > 0 else { throw ValidationError("--users must be at least 1") }
        let engine = try Surroundings.engine([model, "\(engineThreads)"])
        try await withGateway(gateway) { gateway in
            // Warm: every item that the measured answers show has been projected before.
            for turn in 0..<users { _ = try await answer(gateway, turn) }
            var turn = 0
            var works: [Work] = []
            let comparison = Comparison(
                "Recommend, \(users) users in turn, engine with \(engineThreads) threads",
                unit: "ms",
                ours: Contender("llara, 4 services and PostgreSQL") {
                    let start = ContinuousClock.now
                    works.append(work(try await answer(gateway, turn)))
                    turn += 1
                    return (ContinuousClock.now - start).milliseconds
                },
                baselines: [
                    Contender("llama.cpp, the same tokens", target: .excessAtMost(15)) {
                        let work = works[works.count - 1]
                        return try engine.measure([
                            "shape": [work.reused, work.prompt, work.trie, work.candidates]
                        ])
                    },
                    Contender("its own ranking stage") {
                        works[works.count - 1].rankingMilliseconds
                    },
                ])
            try await options.report([comparison]) { [describe(Array(works.dropFirst()))] }
        }
    }

    private func answer(_ gateway: GatewayClient, _ turn: Int) async throws -> RecommendResponse {
        let user = String(firstUser + turn % users)
        let response = try await gateway.recommend(
            RecommendRequest(userID: user), options: .init(timeout: Self.timeout))
        guard response.coverage == 1 else {
            let reasons = response.degradations.map { "\($0.stage): \($0.message)" }
            throw BenchmarkFailure(
                description: "an answer without the LLM; \(reasons.joined(separator: "; "))")
        }
        return response
    }

    private func work(_ response: RecommendResponse) -> Work {
        // The engine reads at least the last position, whose logits begin every candidate.
        let prompt = max(1, response.promptTokenCount - response.reusedTokenCount)
        // Every candidate is scored; the answer holds a part of them.
        return Work(
            reused: response.reusedTokenCount, prompt: prompt,
            trie: response.evaluatedTokenCount - prompt,
            candidates: Self.candidates,
            rankingMilliseconds: response.stages.first { $0.stage == "ranker" }?.milliseconds ?? 0)
    }

    private func describe(_ works: [Work]) -> String {
        func median(_ value: (Work) -> Int) -> Int {
            works.isEmpty ? 0 : Int(Sample(works.map { Double(value($0)) }).median)
        }
        return "Median of a request: \(median(\.prompt)) positions of the prompt evaluated, "
            + "\(median(\.reused)) reused, \(median(\.trie)) tokens of candidates."
    }
}
