import MetricsTestKit
import Testing

@testable import RPC

@Suite("Insight without a back end")
struct NoInsightTests {
    @Test("is nothing at all, so that a call costs a check")
    func none() {
        #expect(ServerInsight(.none, methods: [testMethod("A")]) == nil)
        #expect(ClientInsight(.none, target: "a:1") == nil)
        let process = RPCInsight.process
        #expect(process.metrics == nil && process.tracer == nil && process.recorder == nil)
        #expect(ServerInsight(RPCInsight(metrics: TestMetrics()), methods: []) != nil)
    }
}
