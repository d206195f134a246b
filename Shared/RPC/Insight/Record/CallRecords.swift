internal import Foundation
internal import NIOCore

/// The calls of a file that a ``CallRecorder`` has written.
public struct CallRecords: Sendable {
    /// Largest file that is read, and that may be written, in bytes.
    public static let maximumFileBytes = 1024 * 1024 * 1024
    /// Most content of requests, uncompressed, in bytes; what follows is not read, with a warning.
    static let maximumContentBytes = 2 * 1024 * 1024 * 1024
    private static let chunkBytes = 1024 * 1024

    /// In the order of their arrival.
    public private(set) var calls: [RecordedCall] = []
    /// Why the file ends before its end: cut within a call, or damaged; nil if all is there.
    public private(set) var warning: String?

    /// Reads a file; blocks until that is done.
    ///
    /// - Parameter limits: of what a request may have.
    /// - Throws: ``RPCError``: UNAVAILABLE if it cannot be read, RESOURCE_EXHAUSTED beyond
    ///   ``maximumFileBytes``, INVALID_ARGUMENT if it is no record of calls.
    public init(readingFile path: String, limits: RPCLimits = .defaults) throws {
        let file: FileHandle
        let bytes: UInt64
        do {
            file = try FileHandle(forReadingFrom: URL(filePath: path))
            bytes = try file.seekToEnd()
            try file.seek(toOffset: 0)
        } catch {
            throw RPCError(
                code: .unavailable,
                message: "the record \(path) cannot be read; does it exist, and may this user read "
                    + "it?", cause: error)
        }
        defer { try? file.close() }
        guard bytes <= Self.maximumFileBytes else {
            throw RPCError(
                code: .resourceExhausted,
                message: "the record \(path) has \(bytes) bytes, at most \(Self.maximumFileBytes)")
        }
        do {
            try self.init(limits: limits) {
                try file.read(upToCount: Self.chunkBytes).map { ByteBuffer(bytes: $0) }
            }
        } catch let error as RPCError {
            throw RPCError(code: error.code, message: "\(path): \(error.message)")
        }
    }

    /// Reads what `next` hands out, piece by piece, until it is nil or empty.
    init(
        limits: RPCLimits = .defaults, maximumContentBytes: Int = Self.maximumContentBytes,
        next: () throws -> ByteBuffer?
    ) throws {
        let processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(limits: limits))
        var assembly = CallRecordAssembly(limits: limits)
        var hasPreface = false
        do {
            while let chunk = try next(), chunk.readableBytes > 0 {
                try processor.process(buffer: chunk) { inbound in
                    guard case .frame(let frame) = inbound else {
                        hasPreface = true
                        return
                    }
                    if let call = try assembly.take(frame) { calls.append(call) }
                    guard assembly.contentBytes <= maximumContentBytes else {
                        throw ProtocolViolation(
                            "more than \(maximumContentBytes) bytes of requests")
                    }
                }
            }
            if processor.unprocessedBytes > 0 || assembly.isWithinCall {
                warning = "the file is cut within the call after the first \(calls.count)"
            }
        } catch let violation as ProtocolViolation {
            warning = "after \(calls.count) calls the file is damaged: \(violation.reason)"
        }
        guard hasPreface else {
            throw RPCError(
                code: .invalidArgument,
                message: "this is no record of calls; name a file that a recorder has written")
        }
        calls.sort { $0.arrival < $1.arrival }
    }
}
