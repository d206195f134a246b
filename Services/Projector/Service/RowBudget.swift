import RPC
import Synchronization

/// Rows of the calls that compute or wait to: what they hold in memory is bounded.
final class RowBudget: Sendable {
    private let maximumRows: Int
    private let rows = Mutex(0)

    init(maximumRows: Int) { self.maximumRows = maximumRows }

    /// Runs `body` while `count` rows count as taken.
    ///
    /// - Throws: RESOURCE_EXHAUSTED at once when others hold so many that these do not fit.
    func withRows<Value>(_ count: Int, _ body: () async throws -> Value) async throws -> Value {
        let held = rows.withLock { rows -> Int? in
            // A call that has the projector for itself is bounded by its own limit.
            guard rows == 0 || rows + count <= maximumRows else { return rows }
            rows += count
            return nil
        }
        if let held {
            throw RPCError(
                code: .resourceExhausted,
                message: "\(held) rows wait for the projector already; try another replica or later"
            )
        }
        defer { rows.withLock { $0 -= count } }
        return try await body()
    }
}
