import Domain
import Foundation
import NIOCore
import Testing

@testable import RPC

@Suite("Files of recorded calls")
struct CallRecordsTests {
    private static let calls: [RecordedCall] = {
        var metadata = Metadata()
        metadata.add(text: "é", for: "x-text")
        let tensor = FloatTensor(rows: 2, columns: 3, values: [1, 2, 3, 4, 5, 6])
        return [
            RecordedCall(
                method: testMethod("Echo"), metadata: metadata, remaining: .milliseconds(250),
                arrival: .microseconds(10),
                requests: [RPCMessage(body: [1, 2, 3], attachments: [tensor])],
                duration: .microseconds(1234)),
            RecordedCall(
                method: testMethod("Sum"), arrival: .microseconds(20),
                requests: (0..<5).map { RPCMessage(body: [$0]) }, code: .aborted),
            RecordedCall(
                method: testMethod("Collect"), arrival: .microseconds(30),
                requests: [RPCMessage(body: [9])], hasAllRequests: false, code: .cancelled),
            RecordedCall(
                method: testMethod("None"), arrival: .microseconds(40), requests: [],
                code: .invalidArgument),
            RecordedCall(
                method: testMethod("Never"), arrival: .microseconds(50), requests: [],
                hasAllRequests: false, code: .deadlineExceeded),
            RecordedCall(
                method: testMethod("Large"), arrival: .microseconds(60),
                requests: [RPCMessage(body: (0..<600_000).map { UInt8(truncatingIfNeeded: $0) })]),
            RecordedCall(
                method: testMethod("Small"), arrival: .microseconds(70),
                requests: [
                    RPCMessage(body: [UInt8](repeating: 7, count: 9000), isCompressed: true)
                ]),
        ]
    }()

    @Test(
        "hold every kind of call as it was, read in pieces of any size", arguments: [997, 1 << 20])
    func roundTrip(chunk: Int) throws {
        let read = try records(in: recordBytes(Self.calls), chunk: chunk)
        #expect(read.calls == Self.calls)
        #expect(read.warning == nil)
    }

    @Test("hold calls in the order of their ends and give them in that of their arrival")
    func order() throws {
        let read = try records(in: recordBytes(Self.calls.reversed()))
        #expect(read.calls == Self.calls)
    }

    @Test("that are cut anywhere give all whole calls, and a warning for the one that is not")
    func cut() throws {
        let calls = Array(Self.calls.prefix(5))
        let bytes = recordBytes(calls)
        var ends: [Int] = []
        for count in 0...calls.count { ends.append(recordBytes(Array(calls.prefix(count))).count) }
        for length in Preface.byteCount...bytes.count {
            let read = try records(in: Array(bytes.prefix(length)))
            let whole = ends.lastIndex { $0 <= length } ?? 0
            #expect(read.calls == Array(calls.prefix(whole)))
            #expect((read.warning == nil) == ends.contains(length))
        }
    }

    @Test("that are damaged give what is before, and say why")
    func damaged() throws {
        let bytes = recordBytes([Self.calls[0]]) + rawFrame(type: 2, stream: 3, [1, 2])
        let read = try records(in: bytes)
        #expect(read.calls == [Self.calls[0]])
        #expect(read.warning?.hasPrefix("after 1 calls the file is damaged: ") == true)
    }

    @Test(
        "with frames in an order that no record has are damaged",
        arguments: [
            [Frame.trailers(1, .ok)],
            [.headers(1, Frame.Headers(method: testMethod("A"), metadata: Metadata()))]
                + [.headers(3, Frame.Headers(method: testMethod("A"), metadata: Metadata()))],
            [.headers(1, Frame.Headers(method: testMethod("A"), metadata: Metadata()))]
                + [.trailers(1, .ok)],
            [.ping(1, isAcknowledgement: false)],
        ])
    func wrongFrames(frames: [Frame]) throws {
        var buffer = ByteBuffer(bytes: Preface.bytes)
        for frame in frames { frame.write(to: &buffer) }
        let read = try records(in: Array(buffer.readableBytesView))
        #expect(read.calls.isEmpty && read.warning?.contains("damaged") == true)
    }

    @Test("with any bytes changed or missing give calls or a reason, and nothing else happens")
    func mutated() throws {
        var generator = SeededGenerator(seed: 41)
        let bytes = recordBytes(Array(Self.calls.prefix(5)))
        for _ in 0..<2000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: Preface.byteCount..<mutated.count, using: &generator)
                if Bool.random(using: &generator) {
                    mutated[place] = UInt8.random(in: 0...255, using: &generator)
                } else {
                    mutated.remove(at: place)
                }
            }
            let read = try records(in: mutated)
            #expect(read.calls.count >= 5 || read.warning != nil)
        }
    }

    @Test("that are none, or not there, are refused")
    func noRecord() throws {
        for bytes in [[], Array("hello, world".utf8), Array("llara".utf8)] {
            let error = #expect(throws: RPCError.self) { try records(in: bytes) }
            #expect(error?.code == .invalidArgument)
        }
        let missing = #expect(throws: RPCError.self) {
            try CallRecords(readingFile: "/no/such/file")
        }
        #expect(missing?.code == .unavailable)
    }

    @Test("are read up to the most content")
    func content() throws {
        let call = RecordedCall(method: testMethod("A"), requests: [RPCMessage(body: [1, 2])])
        let bytes = recordBytes([call, call])
        #expect(try records(in: bytes, maximumContentBytes: 20).calls.count == 2)
        let beyond = try records(in: bytes, maximumContentBytes: 19)
        #expect(beyond.calls.count == 1)
        #expect(beyond.warning?.contains("more than 19 bytes of requests") == true)
    }

    @Test("larger than the largest are refused before they are read")
    func largest() async throws {
        try await withScratchPath { path in
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            let file = try FileHandle(forWritingTo: URL(filePath: path))
            // Sparse: nothing of it is on the disk.
            try file.truncate(atOffset: UInt64(CallRecords.maximumFileBytes) + 1)
            try file.close()
            let error = #expect(throws: RPCError.self) { try CallRecords(readingFile: path) }
            #expect(error?.code == .resourceExhausted)
        }
    }
}
