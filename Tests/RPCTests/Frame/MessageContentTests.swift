import Domain
import NIOCore
import Testing

@testable import RPC

@Suite("Message content")
struct MessageContentTests {
    private func content(of message: RPCMessage) -> [UInt8] {
        parts(of: message).flatMap { Array($0.bytes.readableBytesView) }
    }

    private func decoded(
        _ bytes: [UInt8], attachments: Int = 16
    ) -> Result<RPCMessage, RPCMessage.DecodingError> {
        Result { () throws(RPCMessage.DecodingError) in
            try RPCMessage(content: ByteBuffer(bytes: bytes), attachmentLimit: attachments)
        }
    }

    @Test("any message reads back as it was written", arguments: 0..<50 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let message = RPCMessage(
            body: (0..<Int.random(in: 0...40, using: &generator)).map { UInt8($0) },
            attachments: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                let columns = Int.random(in: 1...5, using: &generator)
                let rows = Int.random(in: 0...4, using: &generator)
                return FloatTensor(
                    rows: rows, columns: columns,
                    values: (0..<rows * columns).map { _ in
                        Float.random(in: -2...2, using: &generator)
                    })
            })
        let bytes = content(of: message)
        #expect(bytes.count == message.encodedByteCount)
        #expect(try decoded(bytes).get() == message)
    }

    @Test("a message is sent in the bytes that it was encoded into")
    func noCopy() throws {
        func address(_ frames: [ByteBuffer]) -> UnsafeRawPointer? {
            frames.first?.withUnsafeReadableBytes { $0.baseAddress }
        }
        let message = RPCMessage(body: [UInt8](repeating: 7, count: 1_000))
        // A server knows the stream, so that whoever else holds the message does no harm.
        let held = EncodedMessage(message, on: 3)
        var first = held
        var second = held
        let bytes = held.contentBytes
        let one = first.takeFrame(payloadBytes: bytes, on: 3, endsStream: false)
        let other = second.takeFrame(payloadBytes: bytes, on: 3, endsStream: false)
        #expect(address(one) == address(other))
        // With another stream's number the header has to change, and the other owner's may not.
        var third = held
        let changed = third.takeFrame(payloadBytes: bytes, on: 5, endsStream: true)
        #expect(address(changed) != address(one))
        #expect(one.first?.getInteger(at: 8, endianness: .little, as: UInt32.self) == 3)
        #expect(changed.first?.getInteger(at: 8, endianness: .little, as: UInt32.self) == 5)
    }

    @Test("values that are not finite keep their bits")
    func notFinite() throws {
        let values: [Float] = [.infinity, -.infinity, -0.0, .leastNonzeroMagnitude]
        let message = RPCMessage(
            body: [1], attachments: [FloatTensor(rows: 1, columns: 4, values: values)])
        let back = try decoded(content(of: message)).get()
        #expect(back.attachments[0].values.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test("floats begin at a multiple of 4 after a body of any length", arguments: 0..<9)
    func alignment(bodyBytes: Int) {
        let message = RPCMessage(
            body: [UInt8](repeating: 1, count: bodyBytes),
            attachments: [FloatTensor(rows: 1, columns: 1, values: [1])])
        #expect(content(of: message).count % 4 == 0)
    }

    @Test("content cut anywhere, or with bytes too many, is malformed")
    func cut() {
        let message = RPCMessage(
            body: [1, 2, 3],
            attachments: [FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, 4])])
        let bytes = content(of: message)
        for count in 0..<bytes.count {
            #expect(throws: RPCMessage.DecodingError.self, "cut to \(count)") {
                try decoded(Array(bytes.prefix(count))).get()
            }
        }
        #expect(throws: RPCMessage.DecodingError.self) { try decoded(bytes + [0]).get() }
    }

    @Test("an attachment that claims more than is there is malformed before memory is taken")
    func hugeClaim() {
        for (rows, columns) in [(0x7FFF_FFFF, 0x7FFF_FFFF), (0xFFFF_FFFF, 1), (1, 0xFFFF_FFFF)] {
            var buffer = ByteBuffer()
            buffer.writeMultipleIntegers(
                UInt32(0), UInt32(1), UInt32(rows), UInt32(columns), UInt32(1), endianness: .little)
            #expect(throws: RPCMessage.DecodingError.self) {
                try decoded(Array(buffer.readableBytesView)).get()
            }
        }
    }

    @Test("rows without columns, unknown element types and padding that is not 0 are malformed")
    func malformedShapes() {
        let cases: [[UInt32]] = [
            [0, 1, 5, 0, 1], [0, 1, 0, 1, 2], [0, 1, 0, 1, 0], [0, 0xFFFF_FFFF],
        ]
        for numbers in cases {
            let bytes = numbers.flatMap { number in
                (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            }
            #expect(throws: RPCMessage.DecodingError.self) { try decoded(bytes).get() }
        }
        let message = RPCMessage(
            body: [1], attachments: [FloatTensor(rows: 0, columns: 1, values: [])])
        var bytes = content(of: message)
        bytes[bytes.count - 1] = 1
        #expect(throws: RPCMessage.DecodingError.self) { try decoded(bytes).get() }
    }

    @Test("attachments are taken up to their limit and refused beyond it")
    func attachmentLimit() throws {
        let tensor = FloatTensor(rows: 0, columns: 1, values: [])
        let bytes = content(of: RPCMessage(body: [], attachments: [tensor, tensor]))
        #expect(try decoded(bytes, attachments: 2).get().attachments.count == 2)
        #expect(throws: RPCMessage.DecodingError.limit(attachments: 2)) {
            try decoded(bytes, attachments: 1).get()
        }
    }

    @Test("a message larger than a frame is cut and put together again", arguments: [1, 7, 8, 100])
    func cutIntoFrames(payloadLimit: Int) {
        let message = RPCMessage(
            body: Array(0..<100),
            attachments: [FloatTensor(rows: 1, columns: 3, values: [1, 2, 3])])
        let all = parts(of: message, payloadLimit: payloadLimit)
        #expect(all.allSatisfy { $0.bytes.readableBytes <= payloadLimit })
        #expect(all.dropLast().allSatisfy { $0.hasMore && !$0.endsStream })
        var assembly = MessageAssembly()
        var outcomes = all.map { assembly.append($0, direction: "request", limits: .defaults) }
        #expect(
            outcomes.popLast()
                == .message(message, bytes: message.encodedByteCount, isLast: true))
        #expect(outcomes.allSatisfy { $0 == .incomplete })
        #expect(assembly.heldBytes == 0)
    }

    @Test("a message at the limit is taken, one byte more is refused, whole or in parts")
    func messageLimit() {
        var limits = RPCLimits.defaults
        limits.receivedMessageBytes = 100
        for payloadLimit in [30, 1000] {
            for (size, fits) in [(92, true), (93, false)] {
                var assembly = MessageAssembly()
                let message = RPCMessage(body: [UInt8](repeating: 1, count: size))
                var last = MessageAssembly.Outcome.incomplete
                for part in parts(of: message, payloadLimit: payloadLimit)
                where last == .incomplete {
                    last = assembly.append(part, direction: "request", limits: limits)
                }
                switch last {
                case .message: #expect(fits)
                case .refused(let status): #expect(!fits && status.code == .resourceExhausted)
                default: Issue.record("neither taken nor refused")
                }
                #expect(assembly.heldBytes == 0)
            }
        }
    }
}
