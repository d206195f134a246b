import Domain
import NIOCore
import Testing

@testable import RPC

@Suite("Compressed messages", .timeLimit(.minutes(1)))
struct CompressionTests {
    private let zeros = RPCMessage(
        body: [UInt8](repeating: 0, count: 100_000),
        attachments: [FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, 4])], isCompressed: true)

    private func assemble(
        _ parts: [Frame.MessagePart], _ change: (inout RPCLimits) -> Void = { _ in }
    ) -> MessageAssembly.Outcome {
        var limits = RPCLimits.defaults
        change(&limits)
        var assembly = MessageAssembly()
        var outcome = MessageAssembly.Outcome.end
        for part in parts {
            outcome = assembly.append(part, direction: "request", limits: limits)
        }
        return outcome
    }

    private func reason(_ outcome: MessageAssembly.Outcome) -> String? {
        if case .violation(let violation) = outcome { violation.reason } else { nil }
    }

    @Test("a message comes back whole, also from frames of a few bytes", arguments: [1 << 24, 10])
    func roundTrip(payloadLimit: Int) throws {
        let parts = parts(of: zeros, payloadLimit: payloadLimit, to: Settings(.defaults))
        #expect(parts.allSatisfy { $0.isCompressed })
        #expect(parts.reduce(0) { $0 + $1.bytes.readableBytes } < 300)
        #expect(
            assemble(parts) == .message(zeros, bytes: zeros.encodedByteCount, isLast: true))
    }

    @Test("what does not shrink, and what the peer does not take, goes as it is")
    func asItIs() {
        var generator = SeededGenerator(seed: 1)
        let noise = RPCMessage(
            body: (0..<500).map { _ in UInt8.random(in: 0...255, using: &generator) },
            isCompressed: true)
        #expect(parts(of: noise, to: Settings(.defaults)).allSatisfy { !$0.isCompressed })
        #expect(parts(of: zeros, to: Settings(.protocolDefaults)).allSatisfy { !$0.isCompressed })
        let empty = RPCMessage(body: [], isCompressed: true)
        #expect(parts(of: empty, to: Settings(.defaults)).allSatisfy { !$0.isCompressed })
    }

    @Test("the content counts for the limit, before it is made")
    func bomb() {
        let bytes = zeros.encodedByteCount
        let parts = parts(of: zeros, to: Settings(.defaults))
        guard case .message = assemble(parts, { $0.receivedMessageBytes = bytes }) else {
            Issue.record("refused at the limit")
            return
        }
        let beyond = assemble(parts) { $0.receivedMessageBytes = bytes - 1 }
        guard case .refused(let status) = beyond else {
            Issue.record("taken beyond it")
            return
        }
        #expect(status.code == .resourceExhausted)
    }

    @Test("a frame that is faulty, or of another length than it says, ends the connection")
    func faults() {
        let part = parts(of: zeros, to: Settings(.defaults))[0]
        func changed(_ change: (inout ByteBuffer) -> Void) -> MessageAssembly.Outcome {
            var bad = part
            change(&bad.bytes)
            return assemble([bad])
        }
        #expect(reason(changed { $0.setInteger(UInt8(9), at: $0.readerIndex + 4) }) != nil)
        #expect(reason(changed { $0.moveWriterIndex(to: $0.writerIndex - 1) }) != nil)
        #expect(reason(changed { $0.writeInteger(UInt8(0)) }) != nil)
        #expect(reason(changed { $0.moveWriterIndex(to: $0.readerIndex + 3) }) != nil)
        let length = UInt32(zeros.encodedByteCount)
        for wrong in [length - 1, length + 1, 0] {
            let outcome = changed {
                $0.setInteger(wrong, at: $0.readerIndex, endianness: .little)
            }
            #expect(reason(outcome) != nil, "\(wrong)")
        }
    }

    @Test("compressed in part, compressed emptiness, and compression that is not taken are faults")
    func flags() {
        var first = parts(of: zeros, payloadLimit: 50, to: Settings(.defaults))[0]
        first.hasMore = true
        let plain = Frame.MessagePart(
            bytes: ByteBuffer(bytes: [1]), endsStream: true, hasMore: false)
        #expect(reason(assemble([first, plain]))?.contains("in part") == true)
        let empty = Frame.MessagePart(
            bytes: ByteBuffer(), endsStream: true, hasMore: false, isCompressed: true)
        #expect(reason(assemble([empty])) != nil)
        let whole = parts(of: zeros, to: Settings(.defaults))
        #expect(reason(assemble(whole) { $0.takesCompressedMessages = false }) != nil)
    }

    @Test("both directions over a socket, message by message")
    func sockets() async throws {
        let zeros = zeros
        try await Way.sockets.withCaller(of: testRouter()) { caller in
            let back = try await caller.unary(testMethod("Echo"), zeros)
            #expect(back == zeros && back.isCompressed)
            var plain = zeros
            plain.isCompressed = false
            let same = try await caller.unary(testMethod("Echo"), plain)
            #expect(same == plain)
        }
    }
}
