import Domain
import Postgres
import RPC
import ServiceAPI
import TestSupport
import Testing
import Wire

/// The README's table of limits, row by row, as a caller meets it.
@Suite("The limits of a Recommend call", .serialized)
struct LimitTests {
    struct Limit: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let value: Int
        let change: @Sendable (inout RecommendRequest, Int) -> Void

        init(
            _ name: String, _ value: Int,
            _ change: @escaping @Sendable (inout RecommendRequest, Int) -> Void
        ) {
            testDescription = name
            self.value = value
            self.change = change
        }
    }

    static let limits = [
        Limit("count", 100) { $0.count = $1 },
        Limit("candidate_count", 1_000) { $0.candidateCount = $1 },
        Limit("excluded_item_ids", 10_000) { $0.excludedItemIDs = (0..<$1).map { "x\($0)" } },
        Limit("fresh_items", 20) { $0.freshItems = $1 },
        Limit("sequence", 1_000) {
            $0.userID = ""
            $0.sequence = ItemSequence(
                items: (0..<$1).map { HistoryItem(itemID: "\($0 % 40 + 1)") })
        },
        Limit("filters", 16) {
            $0.filters = Array(repeating: AttributeFilter(key: "parity"), count: $1)
        },
        Limit("filters[0].any_of", 64) {
            $0.filters = [AttributeFilter(key: "parity", anyOf: (0..<$1).map(String.init))]
        },
    ]

    @Test("are taken at each and refused beyond it by the field's name")
    func limits() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            for limit in Self.limits {
                var request = RecommendRequest(userID: ServiceCluster.user)
                limit.change(&request, limit.value)
                let answer = try await cluster.gateway.recommend(
                    request, options: CallOptions(timeout: .seconds(30)))
                #expect(answer.provenance?.catalogVersion ?? 0 > 0, "\(limit.testDescription)")
                limit.change(&request, limit.value + 1)
                let beyond = request
                await #expect("\(limit.testDescription)") {
                    try await cluster.gateway.recommend(beyond)
                } throws: { error in
                    let error = error as? RPCError
                    return error?.code == .invalidArgument
                        && error?.message.contains(limit.testDescription) == true
                }
            }
        }
    }

    @Test("1,000 given candidates are ranked by the encoder, 1,001 are refused")
    func candidates() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let ids = (0..<1_001).map { "c\($0)" }
            for part in [ids.prefix(1_000), ids.suffix(1)] {
                _ = try await cluster.gateway.upsertItems(
                    UpsertItemsRequest(
                        items: part.map { CatalogItem(id: $0, title: "Title \($0)") },
                        author: "test"))
            }
            var request = RecommendRequest(
                userID: ServiceCluster.user, candidateItemIDs: Array(ids.prefix(1_000)))
            let answer = try await cluster.gateway.recommend(
                request, options: CallOptions(timeout: .seconds(30)))
            #expect(answer.items.count == 10)
            #expect(answer.items.allSatisfy { $0.notInRelease })
            request.candidateItemIDs = ids
            let beyond = request
            await #expect {
                try await cluster.gateway.recommend(beyond)
            } throws: { ($0 as? RPCError)?.code == .invalidArgument }
        }
    }

    @Test("a user who has seen more than 100,000 items is answered, with none of them")
    func seenItems() async throws {
        try await withCluster {
            $0.withoutLLM()
        } _: { cluster in
            let schema = cluster.database.schema
            try await PostgresConnection.withDirect(
                cluster.database.configuration, deadline: nil
            ) { connection in
                try await connection.script(
                    """
                    INSERT INTO "\(schema)".items
                        (id, title, attributes, is_hidden, expires_at, version)
                    SELECT 'seen ' || n, 'Seen', '{}', false, 0, 1
                    FROM generate_series(1, 100001) n;
                    INSERT INTO "\(schema)".interactions
                        (user_id, ordered_at, item_key, occurred_at, version, rating)
                    SELECT 'heavy', CASE WHEN id LIKE 'seen%' THEN 1 ELSE 2 END, key, 1, 1, 0
                    FROM "\(schema)".items WHERE id NOT IN ('13', '14')
                    """)
            }
            let answer = try await cluster.gateway.recommend(
                RecommendRequest(userID: "heavy"), options: CallOptions(timeout: .seconds(60)))
            #expect(Set(answer.items.map(\.id)) == ["13", "14"])
        }
    }
}
