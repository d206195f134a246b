import Foundation
import Testing

@Suite("A ranker by the command, with a real model", .serialized)
struct RankProcessTests {
    @Test("rank scores titles, generate writes text, free and as one of them; call streams")
    func ranker() async throws {
        try await ServiceFleet.run(ranks: true) { fleet in
            try await rank(fleet)
            try await generate(fleet)
        }
    }

    private func rank(_ fleet: ServiceFleet) async throws {
        let arguments = ["rank", "The sequel of the film Alien is", "Aliens", "The Piano"]
        let run = try await fleet.llara(arguments + ["--explain"])
        #expect(run.output.hasPrefix("Rank  Title"), "\(run.errors)")
        #expect(run.output.contains("\n   1  Aliens"))
        #expect(run.output.contains("\nTokens ("))
        let candidates = try #require(
            try await fleet.llara(arguments + ["--json"]).json()["candidates"] as? [[String: Any]])
        for candidate in candidates {
            let sum = try #require(candidate["log_likelihood"] as? Double)
            let mean = try #require(candidate["mean_log_likelihood"] as? Double)
            let count = try #require(candidate["token_count"] as? Int)
            #expect(abs(sum - mean * Double(count)) < 1e-3)
        }
        let input = try await fleet.llara(
            ["rank", "-", "Aliens", "--json"], input: "The sequel of the film Alien is")
        let alone = try #require(try input.json()["candidates"] as? [[String: Any]])
        #expect(alone.map { $0["id"] as? String } == ["Aliens"])
    }

    private func generate(_ fleet: ServiceFleet) async throws {
        let free = try await fleet.llara(["generate", "The capital of France is", "--tokens", "5"])
        #expect(free.status == 0)
        // The release's adapter has learnt titles; what it makes of this need not be true.
        #expect(free.output.count > 1, "\(free)")
        #expect(free.errors.contains("Ended by"))
        let constrained = try await fleet.llara([
            "generate", "The sequel of the film Alien is", "Aliens", "The Piano", "--json",
        ])
        let object = try constrained.json()
        // The most likely token each time need not end in the most likely title.
        let chosen = try #require(object["candidate_id"] as? String)
        #expect(["Aliens", "The Piano"].contains(chosen))
        #expect(object["text"] as? String == " \(chosen)\n")
        #expect(object["finish_reason"] as? String == "candidate")
        let stream = try await fleet.llara([
            "call", "Ranker/Generate", "maximum_token_count=3", #"prompt=[{"text":"One, two"}]"#,
            "--address", fleet.addresses["ranker"] ?? "",
        ])
        #expect(stream.output.split(separator: "\n").count >= 3, "\(stream.errors)")
    }
}
