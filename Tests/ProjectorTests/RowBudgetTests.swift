import RPC
import Testing

@testable import llara_projector

@Suite("Rows that wait for the projector")
struct RowBudgetTests {
    private func refusal(_ budget: RowBudget, _ rows: Int) async -> RPCError.Code? {
        do {
            try await budget.withRows(rows) {}
            return nil
        } catch {
            return (error as? RPCError)?.code
        }
    }

    @Test("are taken up to the bound and refused beyond it, until some are done")
    func bound() async throws {
        let budget = RowBudget(maximumRows: 10)
        try await budget.withRows(6) {
            #expect(await refusal(budget, 4) == nil)
            #expect(await refusal(budget, 5) == .resourceExhausted)
        }
        #expect(await refusal(budget, 10) == nil)
    }

    @Test("of one call beyond the bound are taken when nobody else waits")
    func alone() async throws {
        let budget = RowBudget(maximumRows: 10)
        #expect(await refusal(budget, 11) == nil)
        try await budget.withRows(1) {
            #expect(await refusal(budget, 10) == .resourceExhausted)
        }
    }

    @Test("are given back by a call that fails")
    func failure() async {
        struct Failure: Error {}
        let budget = RowBudget(maximumRows: 10)
        await #expect(throws: Failure.self) { try await budget.withRows(10) { throw Failure() } }
        #expect(await refusal(budget, 10) == nil)
    }
}
