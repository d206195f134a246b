import Domain
import NIOCore
import Testing

@testable import RPC

@Suite("Frame codec")
struct FrameCodecTests {
    @Test("every frame reads back as it was written", arguments: sampleFrames)
    func roundTrip(frame: Frame) {
        let result = decode([bytes(of: frame)])
        #expect(result.violation == nil)
        #expect(result.inbound == [.frame(frame)])
    }

    @Test("bytes that drip in one by one give the same frames")
    func dripFed() {
        let stream = Preface.bytes + sampleFrames.flatMap { bytes(of: $0) }
        let result = decode(stream.map { [$0] }, expectsPreface: true)
        #expect(result.violation == nil)
        #expect(result.inbound == [.preface(version: 1)] + sampleFrames.map { .frame($0) })
    }

    @Test("bytes in pieces of any size give the same frames", arguments: 0..<20 as Range<UInt64>)
    func anyPieces(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var rest = (Preface.bytes + sampleFrames.flatMap { bytes(of: $0) })[...]
        var chunks: [[UInt8]] = []
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...90, using: &generator))
            chunks.append(Array(chunk))
            rest = rest.dropFirst(chunk.count)
        }
        let result = decode(chunks, expectsPreface: true)
        #expect(result.inbound == [.preface(version: 1)] + sampleFrames.map { .frame($0) })
    }

    @Test(
        "another protocol is found out at its first wrong byte", arguments: ["G", "PRI", "llama"])
    func wrongPreface(text: String) {
        let result = decode([Array(text.utf8)], expectsPreface: true)
        #expect(result.inbound.isEmpty)
        #expect(result.violation?.reason.contains("preface") == true)
    }

    @Test("a line end that was converted on the way is found out")
    func convertedLineEnd() {
        let result = decode([Array("llara\n".utf8)], expectsPreface: true)
        #expect(result.violation != nil)
    }

    @Test("a preface of another version is left to the state machine")
    func otherVersion() {
        let result = decode([Preface.magic + [9]], expectsPreface: true)
        #expect(result.inbound == [.preface(version: 9)])
    }

    @Test("a payload at the limit is taken, one byte more is refused before any of it is there")
    func payloadLimit() {
        var limits = RPCLimits.defaults
        limits.framePayloadBytes = 32 * 1024
        let atLimit = rawFrame(
            type: 3, flags: 1, stream: 1, [UInt8](repeating: 0, count: 32 * 1024))
        #expect(decode([atLimit], limits: limits).inbound.count == 1)
        let beyond = rawFrame(type: 3, flags: 1, stream: 1, claiming: 32 * 1024 + 1)
        #expect(decode([beyond], limits: limits).violation?.code == .frameTooLarge)
        let huge = rawFrame(type: 0x90, claiming: Int(UInt32.max))
        #expect(decode([huge], limits: limits).violation?.code == .frameTooLarge)
    }

    @Test("an unknown type from 0x80 on is skipped with its payload")
    func extensionIsSkipped() {
        let result = decode([
            rawFrame(type: 0x80, flags: 0xFF, stream: 4, [1, 2, 3])
                + bytes(of: .cancel(1, .cancelled))
        ])
        // Flags and stream of an extension are its own.
        #expect(result.inbound == [.frame(.skipped(type: 0x80)), .frame(.cancel(1, .cancelled))])
    }

    @Test(
        "an impossible header is refused",
        arguments: [
            rawFrame(type: 0), rawFrame(type: 10), rawFrame(type: 0x7F),
            rawFrame(type: 7, reserved: 1, [UInt8](repeating: 0, count: 8)),
            rawFrame(type: 7, flags: 2, [UInt8](repeating: 0, count: 8)),
            rawFrame(type: 3, flags: 8, stream: 1, [0]),
            rawFrame(type: 3, flags: 3, stream: 1, [0]),
            rawFrame(type: 3, stream: 1), rawFrame(type: 3, flags: 2, stream: 1),
            rawFrame(type: 2, stream: 2, [UInt8](repeating: 0, count: 16)),
            rawFrame(type: 2, stream: 0, [UInt8](repeating: 0, count: 16)),
            rawFrame(type: 1, stream: 1), rawFrame(type: 6, stream: 1, [0, 0, 0, 0, 0, 0, 0]),
            rawFrame(type: 7, stream: 1, [UInt8](repeating: 0, count: 8)),
            rawFrame(type: 7, claiming: 7), rawFrame(type: 7, claiming: 9),
            rawFrame(type: 5, stream: 1, claiming: 2), rawFrame(type: 8, claiming: 5),
            rawFrame(type: 6, claiming: 7 + 257), rawFrame(type: 1, claiming: 65 * 8),
            rawFrame(type: 1, [1, 2, 3]),
        ])
    func impossibleHeader(bytes: [UInt8]) {
        let result = decode([bytes])
        #expect(result.inbound.isEmpty)
        #expect(result.violation != nil)
    }

    @Test(
        "a control payload cut anywhere, or with a byte too many, is refused",
        arguments: sampleFrames)
    func cutPayload(frame: Frame) throws {
        // Any bytes are the content of a message.
        if case .message = frame { return }
        let whole = bytes(of: frame)
        let header = try #require(FrameHeader(peekingAt: ByteBuffer(bytes: whole)))
        let payload = Array(whole.dropFirst(FrameHeader.byteCount))
        func isRefused(_ payload: [UInt8]) -> Bool {
            let raw = rawFrame(
                type: header.type, flags: header.flags, stream: header.streamID, payload)
            return decode([raw]).violation != nil
        }
        for count in 0..<payload.count {
            // Whole entries of SETTINGS are SETTINGS.
            if case .settings = frame, count % 8 == 0 { continue }
            #expect(isRefused(Array(payload.prefix(count))), "cut to \(count)")
        }
        #expect(isRefused(payload + [0]))
    }

    @Test("SETTINGS keep defaults for what they leave out, and skip what they do not know")
    func partialSettings() {
        let payload: [UInt8] = [2, 0, 0, 0, 0, 4, 0, 0, 200, 0, 0, 0, 1, 0, 0, 0]
        var expected = Settings(.protocolDefaults)
        expected.messageBytes = 1024
        #expect(decode([rawFrame(type: 1, payload)]).inbound == [.frame(.settings(expected))])
    }

    @Test("a frame limit in SETTINGS that no header fits into is refused")
    func tinyFrameLimit() {
        let payload: [UInt8] = [1, 0, 0, 0, 255, 127, 0, 0]
        #expect(decode([rawFrame(type: 1, payload)]).violation != nil)
    }

    @Test("windows in SETTINGS have a range", arguments: [UInt32(7), 8])
    func windows(number: UInt32) {
        func payload(_ bytes: UInt32) -> [UInt8] {
            [number, bytes].flatMap { value in (0..<4).map { UInt8(value >> (8 * $0) & 255) } }
        }
        for bytes in [UInt32(65_536), 2_147_483_647] {
            #expect(decode([rawFrame(type: 1, payload(bytes))]).violation == nil)
        }
        for bytes in [UInt32(65_535), 2_147_483_648] {
            #expect(decode([rawFrame(type: 1, payload(bytes))]).violation?.code == .malformed)
        }
    }

    @Test("WINDOW_UPDATE of nothing, or of more than a window can be, is refused")
    func increments() {
        for bytes: [UInt8] in [[0, 0, 0, 0], [0, 0, 0, 128], [255, 255, 255, 255]] {
            #expect(decode([rawFrame(type: 8, bytes)]).violation?.code == .flowControl)
        }
        #expect(decode([rawFrame(type: 8, [255, 255, 255, 127])]).violation == nil)
    }

    @Test("a status code of a later version is UNKNOWN")
    func laterCode() {
        let result = decode([rawFrame(type: 4, stream: 1, [17, 0, 0, 0, 0, 0, 0])])
        #expect(
            result.inbound == [.frame(.trailers(1, RPCStatus(code: .unknown, message: "")))])
    }

    @Test("a status is taken at its limits and refused beyond them")
    func statusLimits() {
        var limits = RPCLimits.defaults
        limits.statusMessageBytes = 16
        limits.statusDetails = 2
        limits.statusDetailBytes = 10
        func violation(_ message: Int, _ details: [Int]) -> ProtocolViolation? {
            let status = RPCStatus(
                code: .internalError, message: String(repeating: "x", count: message),
                details: details.map { .init(type: "t", value: [UInt8](repeating: 0, count: $0)) })
            return decode([bytes(of: .trailers(1, status))], limits: limits).violation
        }
        #expect(violation(16, [4, 4]) == nil)
        #expect(violation(17, []) != nil)
        #expect(violation(0, [0, 0, 0]) != nil)
        #expect(violation(0, [4, 5]) != nil)
    }

    @Test("a reason that is too long is cut by its sender")
    func longReason() {
        let goAway = GoAway(
            lastStreamID: 1, code: .malformed, reason: String(repeating: "é", count: 200))
        let result = decode([bytes(of: .goAway(goAway))])
        guard case .frame(.goAway(let received))? = result.inbound.first else {
            Issue.record("no GOAWAY")
            return
        }
        #expect(received.reason == String(repeating: "é", count: 128))
    }

    @Test(
        "random bytes and damaged frames end in frames or a violation",
        arguments: 0..<8 as Range<UInt64>)
    func randomBytes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let good = sampleFrames.flatMap { bytes(of: $0) }
        for _ in 0..<400 {
            var damaged = good
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let at = Int.random(in: 0..<damaged.count, using: &generator)
                damaged[at] = UInt8.random(in: .min ... .max, using: &generator)
            }
            let result = decode([damaged])
            #expect(result.violation != nil || result.inbound.count <= good.count)
            let noise = (0..<64).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            _ = decode([noise])
        }
    }
}
