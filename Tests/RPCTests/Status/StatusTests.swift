import Testing

@testable import RPC

@Suite("Status")
struct StatusTests {
    @Test("the codes are gRPC's, by number and name")
    func codes() {
        let names = [
            "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
            "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
            "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
            "UNAUTHENTICATED",
        ]
        for (number, name) in names.enumerated() {
            #expect(RPCError.Code(rawValue: UInt8(number))?.name == name)
        }
        #expect(RPCError.Code(rawValue: 17) == nil)
        #expect(RPCError.Code.unauthenticated.rawValue == 16)
    }

    @Test("an error that claims OK is UNKNOWN")
    func okIsNoError() {
        #expect(RPCStatus(RPCError(code: .ok, message: "")).code == .unknown)
    }

    @Test("a description has no details")
    func descriptionHidesDetails() {
        let error = RPCError(
            code: .notFound, message: "no such user",
            details: [RPCError.Detail(type: "User", value: Array("alice".utf8))])
        #expect("\(error)" == "NOT_FOUND: no such user")
    }

    @Test("a long message is cut at a character, long details are left out")
    func fitting() {
        var limits = RPCLimits.defaults
        limits.statusMessageBytes = 16
        limits.statusDetails = 2
        limits.statusDetailBytes = 10
        let detail = RPCError.Detail(type: "t", value: [1, 2, 3])
        let status = RPCStatus(
            code: .aborted, message: "fifteen bytes.." + "é",
            details: [detail, detail, detail])
        let fitted = status.fitting(limits)
        #expect(fitted.message == "fifteen bytes..")
        #expect(fitted.details == [detail, detail])
        #expect(
            RPCStatus(code: .aborted, message: "fourteen bytes" + "é").fitting(limits).message
                == "fourteen bytesé")
        limits.statusDetailBytes = 7
        #expect(status.fitting(limits).details == [detail])
    }

    @Test("cancellation of a handler is CANCELLED")
    func cancellation() {
        let status = RPCStatus(handlerError: CancellationError(), method: testMethod("A"))
        #expect(status.code == .cancelled)
    }
}
