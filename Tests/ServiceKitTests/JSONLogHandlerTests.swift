import Foundation
import Logging
import Testing

@testable import ServiceKit

@Suite("A log line")
struct JSONLogHandlerTests {
    @Test("is one JSON object with time, level, service, message and trace id")
    func fields() throws {
        let line = JSONLogHandler.line(
            time: Date(timeIntervalSince1970: 0), service: "encoder", level: .warning,
            message: "a \"quoted\"\nmessage", traceID: "abc", metadata: ["code": "UNAVAILABLE"])
        #expect(line.hasSuffix("}\n"))
        #expect(line.dropLast().contains("\n") == false)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object["ts"] == "1970-01-01T00:00:00.000Z")
        #expect(object["level"] == "warning")
        #expect(object["service"] == "encoder")
        #expect(object["message"] == "a \"quoted\"\nmessage")
        #expect(object["trace_id"] == "abc")
        #expect(object["code"] == "UNAVAILABLE")
    }

    @Test("leaves the trace id out where there is no call")
    func noCall() {
        let line = JSONLogHandler.line(
            time: Date(), service: "x", level: .info, message: "m", traceID: nil, metadata: [:])
        #expect(!line.contains("trace_id"))
    }

    @Test("keeps the trace id that whoever logs gives beside a call")
    func givenTraceID() {
        let line = JSONLogHandler.line(
            time: Date(), service: "x", level: .info, message: "m", traceID: nil,
            metadata: ["trace_id": "abc"])
        #expect(line.contains("\"trace_id\":\"abc\""))
    }
}
