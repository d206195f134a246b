import Testing

@testable import RPC

@Suite("What a replay reports")
struct ReplayReportTests {
    @Test("are the nearest ranks of all latencies")
    func ranks() {
        let hundred = ReplayReport.Latency((1...100).reversed().map { .milliseconds($0) })
        #expect(hundred.median == .milliseconds(50))
        #expect(hundred.percentile99 == .milliseconds(99))
        let one = ReplayReport.Latency([.seconds(1)])
        #expect(one.median == .seconds(1) && one.percentile99 == .seconds(1))
        #expect(ReplayReport.Latency([]).median == .zero)
    }
}
