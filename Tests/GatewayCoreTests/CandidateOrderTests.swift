import Testing

@testable import GatewayCore

@Suite("The order in which candidates are shown")
struct CandidateOrderTests {
    let ids = (1...20).map(String.init)

    @Test("does not depend on the caller's order")
    func callerOrder() {
        #expect(
            CandidateOrder.shown(candidateIDs: ids, historyIDs: ["x"])
                == CandidateOrder.shown(candidateIDs: ids.reversed(), historyIDs: ["x"]))
    }

    @Test("differs between histories")
    func histories() {
        #expect(
            CandidateOrder.shown(candidateIDs: ids, historyIDs: ["x"])
                != CandidateOrder.shown(candidateIDs: ids, historyIDs: ["y"]))
    }
}
