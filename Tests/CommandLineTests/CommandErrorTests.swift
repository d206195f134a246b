import ArgumentParser
import RPC
import Releases
import ServiceAPI
import Testing
import Wire

@testable import llara

@Suite("Errors of commands")
struct CommandErrorTests {
    @Test(
        "every status code has its exit status",
        arguments: [
            (.invalidArgument, 65), (.outOfRange, 65), (.alreadyExists, 65),
            (.failedPrecondition, 65), (.notFound, 66), (.unavailable, 69), (.unimplemented, 69),
            (.internalError, 70), (.unknown, 70), (.dataLoss, 70), (.deadlineExceeded, 75),
            (.resourceExhausted, 75), (.aborted, 75), (.cancelled, 75), (.permissionDenied, 77),
            (.unauthenticated, 77),
        ] as [(RPCError.Code, Int32)])
    func codes(_ code: RPCError.Code, _ status: Int32) {
        let error = CommandError(RPCError(code: code, message: "m"))
        #expect(error.status.rawValue == status)
        #expect(error.text().hasPrefix("llara: \(code.name): m\n"))
        #expect(error.text().contains("\nNext: "))
    }

    @Test("details are shown, without what a terminal would obey")
    func details() {
        let error = CommandError(
            RPCError(
                code: .invalidArgument, message: "m",
                details: [
                    .fieldViolation(field: "user_id", message: "is empty"),
                    RPCError.Detail(type: "candidate_item_ids", value: Array("7\u{1B}[2J".utf8)),
                ]))
        #expect(error.details == ["user_id: is empty", "candidate_item_ids: 7\u{FFFD}[2J"])
        #expect(error.text().contains("\n  user_id: is empty\n"))
    }

    @Test("on a terminal no line is wider than it")
    func width() {
        let error = CommandError(
            .temporary, "a message of several words", details: ["field: is wrong in many ways"],
            advice: "do something else that is described here")
        #expect(
            error.text(in: Terminal(columns: 24)) == """
                llara: a message of
                       several words
                  field: is wrong in
                  many ways
                Next: do something else
                      that is described
                      here

                """)
    }

    @Test("a release that cannot be used names the reason and the way out")
    func release() {
        let error = CommandError(ReleaseError(code: .hashMismatch, message: "the hash is wrong"))
        #expect(error.status == .badData)
        #expect(error.advice == ReleaseError(code: .hashMismatch, message: "").advice)
    }
}
