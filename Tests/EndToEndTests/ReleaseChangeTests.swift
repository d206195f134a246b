import Domain
import Postgres
import RPC
import Releases
import ServiceAPI
import ServiceKit
import Storage
import TestSupport
import Testing
import Wire

@testable import llara_gateway

@Suite("Two releases side by side", .serialized)
struct ReleaseChangeTests {
    let request = RecommendRequest(userID: ServiceCluster.user, candidateItemIDs: ["13", "14"])
    let patient = CallOptions(timeout: .seconds(60))

    @Test("activation and rollback count at the next request, and a pin beats both")
    func change() async throws {
        try await withCluster {
            $0.releases = [.first, .second]
            $0.withoutLLM()
        } _: { cluster in
            func answering(_ pin: String = "") async throws -> String? {
                var request = request
                request.release = pin
                let answer = try await cluster.gateway.recommend(request, options: patient)
                return answer.provenance?.release
            }
            #expect(try await answering() == "first")
            _ = try await cluster.store.activate(name: "second", author: "test", deadline: nil)
            #expect(try await answering() == "second")
            #expect(try await answering("first") == "first")
            #expect(try await answering("\(cluster.services[.first].reference)") == "first")
            _ = try await cluster.store.rollback(author: "test", deadline: nil)
            #expect(try await answering() == "first")
            await #expect {
                _ = try await answering("third")
            } throws: { ($0 as? RPCError)?.code == .notFound }
        }
    }

    @Test("an active release that this gateway lacks is stood in for, and the answer says so")
    func notLoaded() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let second = cluster.services[.second]
            try await cluster.store.publish(
                name: second.manifest.name, manifestSHA256: second.manifestSHA256,
                manifestJSON: second.manifestJSON, deadline: nil)
            _ = try await cluster.store.activate(name: "second", author: "test", deadline: nil)
            let answer = try await cluster.gateway.recommend(request, options: patient)
            #expect(answer.provenance?.release == "first")
            #expect(answer.degradations.map(\.reason).contains("release_not_loaded"))
            #expect(!answer.items.isEmpty)
            var health = cluster.app.parts.degradations.makeAsyncIterator()
            #expect(await health.next()?.contains("not loaded") == true)
            _ = try await cluster.store.rollback(author: "test", deadline: nil)
            _ = try await cluster.gateway.recommend(request, options: patient)
            #expect(await health.next() == "")
        }
    }

    @Test(
        "an active release of a loaded one's name, but of another manifest, is not the loaded one")
    func sameName() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let schema = cluster.database.schema
            try await PostgresConnection.withDirect(
                cluster.database.configuration, deadline: nil
            ) { connection in
                try await connection.script(
                    """
                    UPDATE "\(schema)".releases
                    SET manifest_sha256 = decode(repeat('07', 32), 'hex') WHERE name = 'first'
                    """)
            }
            let stored = try await cluster.gateway.recommend(request, options: patient)
            var inline = request
            inline.userID = ""
            inline.sequence = ItemSequence(items: [HistoryItem(itemID: "5")])
            let given = try await cluster.gateway.recommend(inline, options: patient)
            for answer in [stored, given] {
                #expect(answer.degradations.map(\.reason).contains("release_not_loaded"))
            }
        }
    }

    @Test("a start publishes all, and activates the first only where none was ever active")
    func start() async throws {
        try await withCluster {
            $0.releases = [.first, .second]
        } _: { cluster in
            func active() async throws -> String? {
                try await cluster.store.activeRelease(deadline: nil)
            }
            let published = try await cluster.store.releases(deadline: nil)
            #expect(Set(published.map(\.name)) == ["first", "second"])
            #expect(try await active() == "first")
            _ = try await cluster.store.activate(name: "second", author: "test", deadline: nil)
            try await cluster.app.preparation.prepare()
            #expect(try await active() == "second")
            let third = cluster.services[.third]
            try await cluster.store.publish(
                name: "third", manifestSHA256: third.manifestSHA256,
                manifestJSON: third.manifestJSON, deadline: nil)
            _ = try await cluster.store.activate(name: "third", author: "test", deadline: nil)
            // Not loaded here: answers say so, and the operator's choice stays.
            try await cluster.app.preparation.prepare()
            #expect(try await active() == "third")
        }
    }

    @Test("20 changes under load: no call fails, and every answer is of one release")
    func underLoad() async throws {
        try await withCluster {
            $0.releases = [.first, .second]
        } _: { cluster in
            // A short prompt: what counts is how many calls see a change.
            let request = RecommendRequest(
                sequence: ItemSequence(items: [HistoryItem(itemID: "5")]),
                candidateItemIDs: ["13", "14"])
            var expected: [String: [String: Scores]] = [:]
            for name in ["first", "second"] {
                var pinned = request
                pinned.release = name
                expected[name] = Scores.ofItems(
                    try await cluster.gateway.recommend(pinned, options: patient))
            }
            #expect(expected["first"] != expected["second"])
            let caller = Caller(gateway: cluster.gateway, request: request, expected: expected)
            try await withThrowingTaskGroup(of: Void.self) { callers in
                for _ in 0..<2 {
                    callers.addTask { for _ in 0..<10 { _ = try await caller.check() } }
                }
                for _ in 0..<10 {
                    _ = try await cluster.store.activate(
                        name: "second", author: "test", deadline: nil)
                    #expect(try await caller.check() == "second")
                    _ = try await cluster.store.rollback(author: "test", deadline: nil)
                    #expect(try await caller.check() == "first")
                }
                try await callers.waitForAll()
            }
        }
    }
}

/// The scores of one item, which no two releases share; equal up to what the LLM's batches move.
private struct Scores: Equatable {
    let llm: Double
    let srs: Double

    static func ofItems(_ answer: RecommendResponse) -> [String: Scores] {
        Dictionary(
            uniqueKeysWithValues: answer.items.map {
                ($0.id, Scores(llm: $0.parts?.llm ?? .nan, srs: $0.parts?.srs ?? .nan))
            })
    }

    static func == (first: Scores, second: Scores) -> Bool {
        abs(first.llm - second.llm) < 2e-3 && abs(first.srs - second.srs) < 1e-4
    }
}

/// Asks and compares with what the answer's release said when nothing changed.
private struct Caller: Sendable {
    let gateway: GatewayClient
    let request: RecommendRequest
    let expected: [String: [String: Scores]]

    /// The release that answered.
    func check() async throws -> String {
        let answer = try await gateway.recommend(
            request, options: CallOptions(timeout: .seconds(60)))
        let release = answer.provenance?.release ?? ""
        #expect(!answer.degraded)
        #expect(Scores.ofItems(answer) == expected[release])
        return release
    }
}
