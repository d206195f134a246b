import Foundation
import Testing

@Suite("Answers by the command, from a real model", .serialized)
struct RecommendProcessTests {
    @Test("recommend answers, explains, streams and filters, and health knows every service")
    func answers() async throws {
        try await ServiceFleet.run(ranks: true) { fleet in
            let imported = try await fleet.llara([
                "import", "catalog", ServiceFleet.movieLens, "--schema", fleet.schema,
            ])
            #expect(imported.status == 0, "\(imported.errors)")
            try await recommend(fleet)
            try await explain(fleet)
            try await stream(fleet)
            try await health(fleet)
        }
    }

    private func recommend(_ fleet: ServiceFleet) async throws {
        let run = try await fleet.llara([
            "recommend", "--user", "42", "--count", "5", "--filter", "year>=1990", "--filter",
            "genres", "--exclude", "225", "--no-fresh", "--timeout", "30s", "--json",
        ])
        #expect(run.errors.isEmpty)
        let object = try run.json()
        let items = try #require(object["items"] as? [[String: Any]])
        #expect(items.count == 5)
        #expect(items.contains { $0["id"] as? String == "225" } == false)
        #expect(object["coverage"] as? Double == 1)
        let anonymous = try await fleet.llara([
            "recommend", "--sequence", "50,172", "--candidates", "181,1", "--timeout", "30s",
            "--release", "movielens-100k", "--representation", "text",
        ])
        #expect(anonymous.output.hasPrefix("Rank  Title"), "\(anonymous.errors)")
        let unknown = try await fleet.llara(["recommend", "--user", "42", "--release", "none"])
        #expect(unknown.status != 0)
        #expect(unknown.output.isEmpty)
        #expect(unknown.errors.contains("\nNext: "))
    }

    private func explain(_ fleet: ServiceFleet) async throws {
        let run = try await fleet.llara([
            "recommend", "--user", "42", "--history", "--explain", "--timeout", "30s",
        ])
        #expect(run.output.hasPrefix("User 42: 183 interactions, the newest 10\n"))
        #expect(run.output.contains("\nParts of the scores\nRank  Id"))
        #expect(run.output.contains("\nPrompt ("))
        let screen = try await llaraOnTerminal(
            ["recommend", "--user", "42", "--explain", "--timeout", "30s"],
            environment: fleet.environment.merging(["NO_COLOR": "1"]) { $1 }
        ).screen
        for line in screen.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    private func stream(_ fleet: ServiceFleet) async throws {
        let arguments = ["recommend", "--user", "43", "--stream", "--timeout", "30s"]
        let run = try await fleet.llara(arguments + ["--json"])
        let answers = try run.output.split(separator: "\n").map { line in
            try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(answers.map { $0["is_preliminary"] as? Bool } == [true, false], "\(run.errors)")
        let screen = try await llaraOnTerminal(arguments, environment: fleet.environment).screen
        #expect(screen.contains("Preliminary; the LLM's order follows"))
        #expect(screen.contains("A\r\u{1B}[J"))
        #expect(screen.contains("\u{1B}[1mRank"))
    }

    private func health(_ fleet: ServiceFleet) async throws {
        let run = try await fleet.llara(["health", "--json"])
        #expect(run.status == 0)
        let replicas = try #require(try run.json()["replicas"] as? [[String: Any]])
        #expect(replicas.map { $0["status"] as? String } == Array(repeating: "serving", count: 4))
        let watched = try await fleet.llara([
            "health", "--watch", "--json", "--timeout", "3s",
        ])
        #expect(watched.output.components(separatedBy: #""status":"serving""#).count == 5)
        let other = try await fleet.llara(["health", "--service", "other"])
        #expect(other.status == 69)
    }
}
