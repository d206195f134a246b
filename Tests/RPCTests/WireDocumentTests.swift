import Domain
import Foundation
import NIOCore
import Testing

@testable import RPC

/// Holds Proto/WIRE.md and the code together: every example there, byte by byte.
@Suite("WIRE.md")
struct WireDocumentTests {
    private static let path = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Proto/WIRE.md")

    /// The bytes of each block that begins with ```` ```hex NAME ````.
    private static func examples() throws -> [String: [UInt8]] {
        let text = try String(contentsOf: path, encoding: .utf8)
        var examples: [String: [UInt8]] = [:]
        var current: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```hex ") {
                let name = String(line.dropFirst(7))
                #expect(examples[name] == nil, "\(name) twice")
                current = name
                examples[name] = []
            } else if line.hasPrefix("```") {
                current = nil
            } else if let current {
                for byte in line.split(separator: " ") {
                    examples[current]?.append(try #require(UInt8(byte, radix: 16)))
                }
            }
        }
        return examples
    }

    /// The frames that the document describes in words.
    private static let frames: [String: [Frame]] = {
        var metadata = Metadata()
        metadata.add(text: "gold", for: "x-user-tier")
        metadata.add(binary: [0x00, 0xFF], for: "x-key-bin")
        let headers = Frame.Headers(
            method: RPCMethod(service: "llara.v1.Encoder", name: "Encode"),
            timeoutMicroseconds: 2_000_000, metadata: metadata)
        let message = RPCMessage(body: [1, 2, 3])
        let tensor = FloatTensor(rows: 1, columns: 2, values: [1, -2.5])
        let withTensor = RPCMessage(body: [0xFF], attachments: [tensor])
        let error = RPCStatus(
            code: .notFound, message: "no such item",
            details: [RPCError.Detail(type: "t.Item", value: [0x08, 0x2A])])
        let zeros = RPCMessage(body: [UInt8](repeating: 0, count: 64), isCompressed: true)
        var replyMetadata = Metadata()
        replyMetadata.add(text: "eu", for: "x-region")
        replyMetadata.add(binary: [0x00, 0xFF], for: "x-key-bin")
        let end = Frame.MessagePart(bytes: ByteBuffer(), endsStream: true, hasMore: false)
        let ping: UInt64 = 0x0807_0605_0403_0201
        return [
            "settings-defaults": [.settings(Settings(.protocolDefaults))],
            "headers": [.headers(1, headers)],
            "message": parts(of: message).map { .message(1, $0) },
            "message-attachment": parts(of: withTensor, endsStream: false).map { .message(1, $0) },
            "message-in-parts": parts(of: message, payloadLimit: 8).map { .message(1, $0) },
            "end-of-requests": [.message(1, end)],
            "trailers-ok": [.trailers(1, .ok)],
            "trailers-error": [.trailers(3, error)],
            "cancel": [.cancel(5, .deadlineExceeded)],
            "goaway": [.goAway(GoAway(lastStreamID: 7, code: .shutdown, reason: "bye"))],
            "ping": [.ping(ping, isAcknowledgement: false)],
            "ping-ack": [.ping(ping, isAcknowledgement: true)],
            "window-update": [.windowUpdate(0, 65_536)],
            "metadata": [.metadata(1, replyMetadata)],
            "message-compressed": parts(of: zeros, to: Settings(.defaults)).map { .message(1, $0) },
        ]
    }()

    @Test("the document has every example, and no other")
    func completeness() throws {
        #expect(Set(try Self.examples().keys) == Set(Self.frames.keys).union(["preface"]))
    }

    @Test("the encoder writes the example", arguments: frames.keys.sorted())
    func encoding(name: String) throws {
        let frames = try #require(Self.frames[name])
        var buffer = ByteBuffer()
        for frame in frames { frame.write(to: &buffer) }
        #expect(try Self.examples()[name] == Array(buffer.readableBytesView))
    }

    @Test("the decoder reads the example, also byte by byte", arguments: frames.keys.sorted())
    func decoding(name: String) throws {
        let example = try #require(try Self.examples()[name])
        let expected = try #require(Self.frames[name]).map { Inbound.frame($0) }
        #expect(decode([example]).inbound == expected)
        #expect(decode(example.map { [$0] }).inbound == expected)
    }

    @Test("the preface is the example")
    func preface() throws {
        #expect(try Self.examples()["preface"] == Preface.bytes)
    }

    @Test("message examples are what the message encoder makes of them")
    func messageFrames() throws {
        let message = RPCMessage(body: [1, 2, 3])
        for (name, limit) in [("message", 100), ("message-in-parts", 8)] {
            let frames = EncodedMessage(message).frames(
                on: 1, endsStream: true, payloadLimit: limit)
            #expect(
                try Self.examples()[name] == frames.flatMap { Array($0.readableBytesView) })
        }
    }
}
