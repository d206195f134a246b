import Foundation
import NIOCore

@testable import RPC

/// Hands the path of a file to `body` that does not exist, and removes it afterwards.
func withScratchPath<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let file = FileManager.default.temporaryDirectory.appending(path: "calls-\(UUID()).llara")
    defer { try? FileManager.default.removeItem(at: file) }
    return try await body(file.path)
}

/// Yields the same number again and again: as a share, what it is of 2^64.
struct ConstantGenerator: RandomNumberGenerator, Sendable {
    var value: UInt64

    func next() -> UInt64 { value }
}

/// A recorder of every call.
func everything(
    at path: String, change: (inout CallRecorderConfiguration) -> Void = { _ in }
) throws -> CallRecorder {
    var configuration = CallRecorderConfiguration(path: path)
    configuration.share = 1
    configuration.callsPerSecond = 1_000_000
    change(&configuration)
    return try CallRecorder(configuration, logger: quietLogger)
}

/// The calls in some bytes.
func records(
    in bytes: [UInt8], chunk: Int = .max, maximumContentBytes: Int = CallRecords.maximumContentBytes
) throws -> CallRecords {
    var rest = bytes[...]
    return try CallRecords(maximumContentBytes: maximumContentBytes) {
        let piece = rest.prefix(chunk)
        rest = rest.dropFirst(piece.count)
        return piece.isEmpty ? nil : .init(bytes: piece)
    }
}

/// The bytes of a file with these calls.
func recordBytes(_ calls: [RecordedCall]) -> [UInt8] {
    var buffer = CallRecordFormat.beginning
    for (number, call) in calls.enumerated() {
        buffer.writeImmutableBuffer(CallRecordFormat.encoded(call, number: number))
    }
    return Array(buffer.readableBytesView)
}
