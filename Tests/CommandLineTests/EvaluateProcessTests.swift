import Domain
import Foundation
import Releases
import Testing

@Suite("Evaluation by the command", .serialized)
struct EvaluateProcessTests {
    private let shipped = ["--release", ServiceFleet.release, "--data", ServiceFleet.movieLens]

    /// A figure of the report, such as `list_wise.srs.hit_ratio_at_1.mean`.
    private func figure(_ object: [String: Any], _ path: String) throws -> Double {
        var value: Any? = object
        for name in path.split(separator: ".") {
            value = (value as? [String: Any])?[String(name)]
        }
        return try #require(value as? Double, "\(path)")
    }

    @Test("the shipped release's recommender has the figures that its record states")
    func recorded() async throws {
        let run = try await llara(["evaluate"] + shipped + ["--split", "users", "--json"])
        let object = try run.json()
        let manifest = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(filePath: ServiceFleet.release + "/manifest.json")))
        let training = (manifest as? [String: Any])?["training"] as? [String: Any]
        let metrics = try #require(training?["metrics"] as? [String: Any])
        for (path, name) in [
            ("list_wise.srs.hit_ratio_at_1.mean", "encoder_test_hit_ratio_at_1"),
            ("full.srs.hit_ratio_at_10.mean", "encoder_test_full_hit_ratio_at_10"),
            ("full.srs.ndcg_at_10.mean", "encoder_test_full_ndcg_at_10"),
        ] {
            let recorded = try #require(metrics[name] as? Double)
            #expect(try abs(figure(object, path) - recorded) < 1e-9, "\(name)")
        }
        #expect(object["users"] as? Int == metrics["encoder_test_users"] as? Int)
    }

    @Test("several releases are compared on the same candidates, which are stored")
    func comparison() async throws {
        try await withTemporaryFolder { folder in
            let candidates = folder.appending(path: "candidates.tsv").path
            let arguments =
                ["evaluate"] + shipped + [
                    "--release", ServiceFleet.release, "--split", "users", "--repeat", "2",
                    "--topic", "list-wise", "--candidates", candidates, "--rows", "10",
                ]
            let run = try await llara(arguments)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains("movielens-100k - movielens-100k"))
            #expect(run.output.contains("0.0000 [0.0000, 0.0000]"))
            #expect(FileManager.default.fileExists(atPath: candidates + ".2"))
            #expect(try await llara(arguments).output == run.output)
            let other = try await llara(arguments + ["--negatives", "5"])
            #expect(other.status == 65 && other.errors.contains("another --candidates"))
            let seed = try await llara(arguments + ["--seed", "2"])
            #expect(seed.status == 65, "\(seed.errors)")
            let pairs = try await llara(arguments + ["--topic", "pair-wise"])
            #expect(pairs.status == 0, "\(pairs.errors)")
            #expect(FileManager.default.fileExists(atPath: candidates + ".pairs.2"))
        }
    }

    /// The shipped release without what its prompts add to the titles.
    private func writeTextRelease(to path: String) throws {
        let release = try Release(directory: ServiceFleet.release)
        let writer = try ReleaseWriter(destination: path)
        for file in ["encoder.gguf", "vocabulary.tsv"] {
            try FileManager.default.copyItem(
                atPath: release.path(of: file), toPath: writer.path(of: file))
        }
        var manifest = release.manifest
        manifest.projector = nil
        manifest.adapters = []
        manifest.prompt = nil
        manifest.representation = .text
        _ = try writer.finish(manifest)
    }

    @Test("what would judge unfairly, or cannot be judged, is refused with what to do next")
    func refusals() async throws {
        let split = try await llara(["evaluate"] + shipped + ["--split", "leave-one-out"])
        #expect(split.status == 65 && split.errors.contains("--split users"))
        let model = try await llara(
            ["evaluate"] + shipped + ["--split", "users", "--llm", "/nowhere.gguf"])
        #expect(model.status == 65 && model.errors.contains("/nowhere.gguf is not there"))
        try await withTemporaryFolder { folder in
            let text = folder.appending(path: "text").path
            try writeTextRelease(to: text)
            let vectors = try await llara([
                "evaluate", "--release", text, "--data", ServiceFleet.movieLens, "--split",
                "users", "--representation", "hybrid",
            ])
            #expect(vectors.status == 65 && vectors.errors.contains("has no projector"))
        }
        for arguments in [
            ["--split", "users", "--repeat", "1001"], ["--split", "users", "--negatives", "1001"],
            ["--split", "users", "--scores", "s.jsonl"], ["--split", "users", "--cases", "c"], [],
        ] {
            let run = try await llara(["evaluate"] + shipped + arguments)
            #expect(run.status == 64, "\(arguments)")
        }
    }

    @Test("100,000 cases are taken; one more is refused by its line before anything is asked")
    func mostCases() async throws {
        let line = #"{"history": ["1"], "candidates": ["2", "3"], "target": "2"}"# + "\n"
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "cases.jsonl")
            for (count, status) in [(100_000, Int32(69)), (100_001, 65)] {
                try Data(String(repeating: line, count: count).utf8).write(to: path)
                // Nobody listens there: whoever asks finds out.
                let run = try await llara([
                    "evaluate", "--cases", path.path, "--gateway", "127.0.0.1:1",
                    "--timeout", "1s",
                ])
                #expect(run.status == status, "\(run.errors)")
                #expect(run.errors.contains("more than 100000 cases") == (status == 65))
            }
        }
    }

    @Test(
        "a malformed case is refused by its line before anything is asked",
        arguments: [
            (#"{"history": ["1"]}"#, "no JSON object"),
            (#"{"history": [], "candidates": ["2", "3"], "target": "2"}"#, "history has 0"),
            (#"{"history": ["1"], "candidates": ["2"], "target": "2"}"#, "candidates are 1"),
            (#"{"history": ["1"], "candidates": ["2", "2"], "target": "2"}"#, "twice"),
            (#"{"history": ["1"], "candidates": ["2", "3"], "target": "4"}"#, "no candidate"),
        ])
    func malformedCase(_ line: String, _ message: String) async throws {
        let good = #"{"history": ["1"], "candidates": ["2", "3"], "target": "2"}"#
        let run = try await llara(["evaluate", "--cases", "-"], input: "\(good)\n\(line)\n")
        #expect(run.status == 65)
        #expect(run.errors.contains("line 2: ") && run.errors.contains(message), "\(run.errors)")
    }

    @Test("cases are asked of the running services, and a candidate they lack names its line")
    func cases() async throws {
        try await ServiceFleet.run(ranks: true) { fleet in
            let imported = try await fleet.llara([
                "import", "catalog", ServiceFleet.movieLens, "--schema", fleet.schema,
            ])
            #expect(imported.status == 0, "\(imported.errors)")
            let lines = [
                #"{"history": ["50", "172"], "candidates": ["1", "7", "181"], "target": "181"}"#,
                #"{"history": ["1", "50"], "candidates": ["2", "50"], "target": "50"}"#,
            ]
            let arguments = ["evaluate", "--cases", "-", "--timeout", "60s"]
            let run = try await fleet.llara(
                arguments + ["--json"], input: lines.joined(separator: "\n") + "\n")
            let object = try run.json()
            #expect(object["cases"] as? Int == 2 && object["degraded_answers"] as? Int == 0)
            #expect(object["cases_without_target"] as? Int == 0)
            #expect(try figure(object, "list_wise.llm.hit_ratio_at_5.users") == 2)
            #expect(try figure(object, "list_wise.fused.hit_ratio_at_5.mean") == 1)
            let unknown = try await fleet.llara(
                arguments,
                input: lines[0] + "\n"
                    + #"{"history": ["50"], "candidates": ["1", "none"], "target": "1"}"# + "\n")
            #expect(unknown.status == 66 && unknown.errors.contains("in line 2"))
        }
    }
}
