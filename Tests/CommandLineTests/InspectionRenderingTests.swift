import Testing
import Wire

@testable import llara

@Suite("Rendering of an inspection")
struct InspectionRenderingTests {
    private let response = InspectResponse(
        connections: [
            ConnectionReport(
                peer: "10.0.0.1:5", ageMilliseconds: 1_500, startedCalls: 7, receivedBytes: 8,
                sentBytes: 9, draining: true,
                openCalls: [
                    CallReport(method: "a/Short", durationMilliseconds: 1),
                    CallReport(method: "a/Long", traceID: "t", durationMilliseconds: 20),
                ])
        ], connectionCount: 1,
        slowCalls: [
            CallReport(
                method: "a/Slow", durationMilliseconds: 30, status: "UNAVAILABLE",
                endedMillisecondsAgo: 2_000)
        ], version: "v")

    @Test("shows connections, then open calls, the longest first, then slow ones")
    func tables() {
        let lines = InspectionRendering.text(response, rows: 20).split(separator: "\n")
        #expect(lines[0] == "version v, connections: 1, open calls: 2")
        #expect(lines[2].contains("10.0.0.1:5") && lines[2].contains("draining"))
        #expect(lines[5].contains("a/Long") && lines[5].contains("20.0  open"))
        #expect(lines[6].contains("a/Short"))
        #expect(lines[9].contains("a/Slow") && lines[9].contains("UNAVAILABLE"))
    }

    @Test("says how much a table leaves out, and leaves out tables without rows")
    func limits() {
        let text = InspectionRendering.text(response, rows: 1)
        #expect(text.contains("… and 1 more; --calls shows more, --json all"))
        #expect(!text.contains("a/Short"))
        let empty = InspectionRendering.text(InspectResponse(version: "v"), rows: 1)
        #expect(empty == "version v, connections: 0, open calls: 0")
    }

    @Test("shows methods and messages as a .proto file would")
    func methods() {
        let response = ListMethodsResponse(
            methods: [MethodDescription(method: "a/B", request: "R", response: "S")],
            messages: [
                MessageDescription(
                    name: "R",
                    fields: [
                        FieldDescription(name: "f", number: 3, type: "string", repeated: true)
                    ])
            ])
        #expect(
            InspectionRendering.text(response)
                == "a/B(R) returns (S)\n\nR\n  repeated string f = 3")
    }
}
