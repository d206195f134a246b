import Domain
import Postgres
import TestSupport
import Testing

@testable import Storage

@Suite("popularity", .timeLimit(.minutes(2)))
struct PopularPlanTests {
    @Test("popularity reads the index of counts")
    func index() async throws {
        try await PostgresFixture.withSchema("plan") { fixture in
            try await withPool(fixture) { pool in
                let store = try CatalogStore(pool: pool, schema: fixture.schema)
                try await store.migrate(deadline: nil)
                let plan = try await pool.withConnection(deadline: nil) { connection in
                    try await connection.script(
                        """
                        INSERT INTO "\(fixture.schema)".items
                            (id, title, attributes, is_hidden, expires_at, version)
                        SELECT n::text, 'Title', '{}', false, 0, 1
                        FROM generate_series(1, 20000) n;
                        INSERT INTO "\(fixture.schema)".item_counts (item_key, interactions)
                        SELECT key, key FROM "\(fixture.schema)".items;
                        ANALYZE "\(fixture.schema)".items, "\(fixture.schema)".item_counts
                        """)
                    let rows = try await connection.query(
                        "EXPLAIN " + store.statements.popular,
                        [.int(20), .texts([]), .text("u")] + FilterParameters([]).values)
                    return try rows.map { row in try row.text(0) }
                }
                #expect(
                    plan.contains { $0.contains("item_counts_by_count") },
                    "\(plan.joined(separator: "\n"))")
            }
        }
    }
}
