internal import CZstd
internal import NIOCore
internal import Synchronization

/// zstd frames of whole messages (RFC 8878), by Debian's library.
///
/// Contexts are kept for the next message: making one costs more than compressing a small one.
final class Zstandard: Sendable {
    /// Shared by all connections of a process.
    static let shared = Zstandard()

    /// Why bytes are no frame of the promised content.
    struct Malformed: Error, Equatable {
        var reason: String
    }

    /// Fast, which is what messages between machines want: level 1 as a network's, not a disk's.
    static let level: Int32 = 1
    /// Contexts kept of each kind.
    static let keptContexts = 16

    private enum Kind { case compressing, decompressing }

    // The library's contexts are used by one thread at a time; whoever takes one owns it.
    private struct Contexts: @unchecked Sendable {
        var kept: [Kind: [OpaquePointer]] = [:]
    }

    private let contexts = Mutex(Contexts())

    private init() {}

    /// Appends a frame of `content` to `buffer`; false, with nothing appended, where that would not
    /// be smaller than the content.
    func compress(_ content: ByteBufferView, into buffer: inout ByteBuffer) -> Bool {
        guard let context = take(.compressing) ?? ZSTD_createCCtx() else { return false }
        defer { if !keep(context, .compressing) { ZSTD_freeCCtx(context) } }
        let room = content.count - 1
        guard room > 0 else { return false }
        let written = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            content.withUnsafeBytes { source in
                let count = ZSTD_compressCCtx(
                    context, target.baseAddress, room, source.baseAddress, source.count,
                    Self.level)
                return ZSTD_isError(count) == 0 ? count : 0
            }
        }
        return written > 0
    }

    /// The content of one frame, which must have just `bytes` bytes; no more memory is used.
    func decompress(
        _ frame: ByteBufferView, bytes: Int
    ) throws(Malformed) -> ByteBuffer {
        try check(frame, bytes: bytes)
        guard let context = take(.decompressing) ?? ZSTD_createDCtx() else {
            throw Malformed(reason: "no memory for zstd")
        }
        defer { if !keep(context, .decompressing) { ZSTD_freeDCtx(context) } }
        var content = ByteBuffer()
        var error: String?
        content.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes) { target in
            frame.withUnsafeBytes { source in
                let count = ZSTD_decompressDCtx(
                    context, target.baseAddress, bytes, source.baseAddress, source.count)
                guard ZSTD_isError(count) == 0 else {
                    error = String(cString: ZSTD_getErrorName(count))
                    return 0
                }
                return count
            }
        }
        if let error { throw Malformed(reason: error) }
        guard content.readableBytes == bytes else {
            throw Malformed(reason: "\(content.readableBytes) bytes instead of \(bytes)")
        }
        return content
    }

    /// What can be told before memory is taken: one whole frame, and its length if it says one.
    private func check(_ frame: ByteBufferView, bytes: Int) throws(Malformed) {
        let (size, claimed) = frame.withUnsafeBytes { source in
            (
                ZSTD_findFrameCompressedSize(source.baseAddress, source.count),
                ZSTD_getFrameContentSize(source.baseAddress, source.count)
            )
        }
        guard ZSTD_isError(size) == 0, size == frame.count else {
            throw Malformed(reason: "not exactly one zstd frame")
        }
        let unknown = UInt64.max  // ZSTD_CONTENTSIZE_UNKNOWN, a macro that Swift does not import.
        guard claimed == unknown || claimed == UInt64(bytes) else {
            throw Malformed(reason: "the frame says another length than the message")
        }
    }

    private func take(_ kind: Kind) -> OpaquePointer? {
        contexts.withLock { $0.kept[kind]?.popLast() }
    }

    /// Keeps a context for the next message; false if there are enough.
    private func keep(_ context: OpaquePointer, _ kind: Kind) -> Bool {
        contexts.withLock { contexts in
            guard contexts.kept[kind, default: []].count < Self.keptContexts else { return false }
            contexts.kept[kind, default: []].append(context)
            return true
        }
    }
}
