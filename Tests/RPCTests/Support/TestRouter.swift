import Domain
import Logging

@testable import RPC

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func testMethod(_ name: String) -> RPCMethod { RPCMethod(service: "test.v1.Test", name: name) }

/// What the handlers of ``testRouter(_:)`` report to a test.
struct HandlerSignals: Sendable {
    let started = OneShot<CallContext>()
    let cancelled = OneShot<Void>()
    let released = OneShot<Void>()

    /// Waits for the cancellation of a handler whose deadline may have passed, on a machine that
    /// has other things to do, before it began.
    func cancelledIfStarted() async throws {
        if started.current != nil { try await cancelled.value() }
    }
}

/// An error that is nobody's business.
struct SecretError: Error, CustomStringConvertible {
    var description: String { "user 4711 likes trains" }
}

/// An error that says its status.
struct ConvertibleError: RPCErrorConvertible {
    var rpcError: RPCError {
        RPCError(
            code: .failedPrecondition, message: "first do that",
            details: [RPCError.Detail(type: "test.v1.Item", value: [1, 2, 3])])
    }
}

/// Handlers for every behaviour that a test needs.
func testRouter(_ signals: HandlerSignals = HandlerSignals()) -> RPCRouter {
    var router = RPCRouter()
    addUnary(to: &router)
    addHanging(to: &router, signals)
    addResponseStreams(to: &router, signals)
    addRequestStreams(to: &router, signals)
    return router
}

private func addUnary(to router: inout RPCRouter) {
    router.unary(testMethod("Echo")) { request, _ in request }
    router.unary(testMethod("Trace")) { _, context in
        RPCMessage(body: Array(context.traceID.utf8))
    }
    router.unary(testMethod("Remaining")) { _, context in
        let remaining = context.remaining(now: .now)
        return RPCMessage(body: Array((remaining.map { "\($0)" } ?? "none").utf8))
    }
    router.unary(testMethod("Metadata")) { request, context in
        let key = String(decoding: request.body, as: UTF8.self)
        return RPCMessage(
            body: context.metadata.text(key).map { Array($0.utf8) }
                ?? context.metadata.binary(key) ?? [])
    }
    router.unary(testMethod("Fail")) { request, _ in
        throw RPCError(
            code: RPCError.Code(rawValue: request.body[0])!, message: "as asked for",
            details: [RPCError.Detail(type: "test.v1.Item", value: Array("id 7".utf8))])
    }
    router.unary(testMethod("FailConvertible")) { _, _ in throw ConvertibleError() }
    router.unary(testMethod("FailSecret")) { _, _ in throw SecretError() }
    // Sends the caller's metadata back, once before the response and once with the status.
    router.unary(testMethod("EchoMetadata")) { request, context in
        var initial = Metadata()
        if let text = context.metadata.text("x-initial") {
            initial.add(text: text, for: "x-initial")
        }
        try await context.sendMetadata(initial)
        if let bytes = context.metadata.binary("x-trailing-bin") {
            context.reply.trailing.add(binary: bytes, for: "x-trailing-bin")
        }
        return request
    }
    // Answers with a message of the size that the body says.
    router.unary(testMethod("Large")) { request, _ in
        RPCMessage(
            body: [UInt8](repeating: 9, count: request.body.reduce(0) { $0 << 8 | Int($1) }))
    }
}

private func addHanging(to router: inout RPCRouter, _ signals: HandlerSignals) {
    // Waits for its cancellation and reports it.
    router.unary(testMethod("Hang")) { _, context in
        signals.started.fulfil(.success(context))
        do {
            _ = try await OneShot<Void>().value()
        } catch {
            signals.cancelled.fulfil(.success(()))
            throw error
        }
        return RPCMessage(body: [])
    }
    // Waits for the test, whatever its caller does.
    router.unary(testMethod("Stubborn")) { request, context in
        signals.started.fulfil(.success(context))
        await withCheckedContinuation { continuation in
            signals.released.whenDone { continuation.resume() }
        }
        return request
    }
}

private func addResponseStreams(to router: inout RPCRouter, _ signals: HandlerSignals) {
    // As many messages as the first byte says, each with its number.
    router.serverStreaming(testMethod("Count")) { request, _, writer in
        for number in 0..<request.body[0] { try await writer.write(RPCMessage(body: [number])) }
    }
    // Messages of the size asked for until it is stopped.
    router.serverStreaming(testMethod("Flood")) { request, context, writer in
        signals.started.fulfil(.success(context))
        let size = request.body.reduce(0) { $0 << 8 | Int($1) }
        do {
            while true {
                try await writer.write(RPCMessage(body: [UInt8](repeating: 7, count: size)))
            }
        } catch {
            signals.cancelled.fulfil(.success(()))
            throw error
        }
    }
    router.serverStreaming(testMethod("CountThenFail")) { request, _, writer in
        for number in 0..<request.body[0] { try await writer.write(RPCMessage(body: [number])) }
        throw RPCError(code: .dataLoss, message: "the rest is gone")
    }
}

private func addRequestStreams(to router: inout RPCRouter, _ signals: HandlerSignals) {
    // Reads nothing until the test says so, then answers with the number of requests.
    router.clientStreaming(testMethod("Collect")) { requests, context in
        signals.started.fulfil(.success(context))
        try await signals.released.value()
        var count: UInt8 = 0
        for try await _ in requests { count += 1 }
        return RPCMessage(body: [count])
    }
    // Sends each request back.
    router.bidirectionalStreaming(testMethod("EchoStream")) { requests, _, writer in
        for try await request in requests { try await writer.write(request) }
    }
    // Answers with the sum of all first bytes.
    router.clientStreaming(testMethod("Sum")) { requests, _ in
        var sum: UInt8 = 0
        for try await request in requests { sum += request.body[0] }
        return RPCMessage(body: [sum])
    }
    // Reads one request and fails.
    router.clientStreaming(testMethod("FailEarly")) { requests, _ in
        for try await _ in requests { throw RPCError(code: .aborted, message: "enough") }
        return RPCMessage(body: [])
    }
}

/// A size as ``testRouter(_:)`` reads it.
func sizeRequest(_ size: Int) -> RPCMessage {
    RPCMessage(body: (0..<4).reversed().map { UInt8(truncatingIfNeeded: size >> (8 * $0)) })
}
