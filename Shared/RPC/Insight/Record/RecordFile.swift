internal import Glibc
internal import NIOCore

/// A file that grows record by record up to a limit; a record is in it whole or not at all, unless
/// the process or the machine dies while it is written.
struct RecordFile {
    enum Failure: Error, Equatable {
        /// The record would make it larger than its limit.
        case full
        /// The system's number of the error.
        case system(Int32)
    }

    private let descriptor: CInt
    private let limit: Int
    private(set) var bytes = 0

    /// Makes the file, readable by its owner only.
    ///
    /// - Throws: ``RPCError``: FAILED_PRECONDITION where there is one already, UNAVAILABLE where none
    ///   can be made.
    init(path: String, limit: Int) throws(RPCError) {
        self.limit = limit
        // A link would let others choose what is written to.
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor < 0 else { return }
        if errno == EEXIST {
            throw RPCError(
                code: .failedPrecondition,
                message: "\(path) exists; remove it or record to another file")
        }
        throw RPCError(
            code: .unavailable,
            message: "\(path) cannot be made (\(Self.text(errno))); does its folder exist, and may "
                + "this process write there?")
    }

    /// Adds a record.
    mutating func write(_ record: ByteBuffer) throws(Failure) {
        guard record.readableBytes <= limit - bytes else { throw .full }
        let failure = record.withUnsafeReadableBytes { source -> Int32? in
            var rest = source
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return nil
        }
        if let failure {
            // Half a record would hide those behind it.
            ftruncate(descriptor, bytes)
            lseek(descriptor, bytes, SEEK_SET)
            throw .system(failure)
        }
        bytes += record.readableBytes
    }

    /// Closes it; nothing may follow.
    func close() { _ = Glibc.close(descriptor) }

    /// The system's words for an error.
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
