import Testing

@testable import RPC

@Suite("Trace context")
struct TraceContextTests {
    @Test("a header that is made can be read")
    func roundTrip() {
        let id = TraceContext.makeTraceID()
        #expect(id.utf8.count == 32)
        #expect(TraceContext.traceID(fromHeader: TraceContext.header(traceID: id)) == id)
        #expect(TraceContext.makeTraceID() != id)
    }

    @Test("the standard's example is read, and a later version with more parts")
    func examples() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736"
        #expect(TraceContext.traceID(fromHeader: "00-\(id)-00f067aa0ba902b7-01") == id)
        #expect(TraceContext.traceID(fromHeader: "cc-\(id)-00f067aa0ba902b7-01-what") == id)
    }

    @Test(
        "what the standard forbids is not read",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ])
    func malformed(header: String) {
        #expect(TraceContext.traceID(fromHeader: header) == nil)
    }
}
