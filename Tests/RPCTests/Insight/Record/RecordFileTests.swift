import Foundation
import NIOCore
import Testing

@testable import RPC

@Suite("A file that grows by records")
struct RecordFileTests {
    @Test("is its owner's alone, and never one that is there already")
    func modes() async throws {
        try await withScratchPath { path in
            let file = try RecordFile(path: path, limit: 10)
            file.close()
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600)
            let again = #expect(throws: RPCError.self) { try RecordFile(path: path, limit: 10) }
            #expect(again?.code == .failedPrecondition)
            let nowhere = #expect(throws: RPCError.self) {
                try RecordFile(path: "/no/such/folder/file", limit: 10)
            }
            #expect(nowhere?.code == .unavailable)
        }
    }

    @Test("takes records up to its limit and none beyond")
    func limit() async throws {
        try await withScratchPath { path in
            var file = try RecordFile(path: path, limit: 10)
            try file.write(ByteBuffer(bytes: [1, 2, 3, 4, 5, 6]))
            let failure = #expect(throws: RecordFile.Failure.self) {
                try file.write(ByteBuffer(bytes: [7, 8, 9, 10, 11]))
            }
            #expect(failure == .full)
            try file.write(ByteBuffer(bytes: [7, 8, 9, 10]))
            file.close()
            #expect(FileManager.default.contents(atPath: path).map(Array.init) == Array(1...10))
        }
    }
}
