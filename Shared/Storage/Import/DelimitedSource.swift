import Domain
import Postgres

/// Gives the rows of an import to COPY, bit by bit.
protocol ImportSource {
    /// Appends up to `limit` rows, or fewer once a chunk's size is reached.
    ///
    /// - Returns: the number of rows appended; nil when there are no more.
    mutating func fill(_ encoder: inout CopyRowEncoder, limit: Int) throws -> Int?

    /// Takes notice of rows whose item is unknown; they are not stored.
    mutating func reject(unknown rows: [(itemID: String, place: Int)]) throws

    /// How many unknown rows it wants to be told of at most.
    var unknownLimit: Int { get }
    /// Rows read and rejected so far.
    var progress: ImportProgress { get }
}

/// Rows are sent when so many bytes have come together.
let importChunkBytes = 64 << 10

/// The rows of a delimited file; bad ones are handed to a sink.
struct DelimitedSource<Decoder: RowDecoder>: ImportSource {
    let hasHeader: Bool
    let maximumRejectedRows: Int
    let makeDecoder: (ColumnPlaces) throws(StorageError) -> Decoder
    let nextChunk: () throws -> [UInt8]?
    let onProgress: (ImportProgress) -> Void
    let onRejected: (RejectedRow) throws -> Void
    private(set) var progress = ImportProgress()
    private var reader: DelimitedReader
    private var decoder: Decoder?
    private var chunk: [UInt8] = []
    private var offset = 0

    init(
        _ format: DelimitedFormat, options: ImportOptions,
        makeDecoder: @escaping (ColumnPlaces) throws(StorageError) -> Decoder,
        nextChunk: @escaping () throws -> [UInt8]?,
        onProgress: @escaping (ImportProgress) -> Void,
        onRejected: @escaping (RejectedRow) throws -> Void
    ) {
        hasHeader = format.hasHeader
        maximumRejectedRows = options.maximumRejectedRows
        reader = DelimitedReader(format)
        self.makeDecoder = makeDecoder
        self.nextChunk = nextChunk
        self.onProgress = onProgress
        self.onRejected = onRejected
    }

    var unknownLimit: Int { maximumRejectedRows - progress.rejectedCount + 1 }

    mutating func fill(_ encoder: inout CopyRowEncoder, limit: Int) throws -> Int? {
        var count = 0
        while count < limit, encoder.bytes.count < importChunkBytes {
            if offset == chunk.count {
                guard let next = try nextChunk() else {
                    if case .malformed(let reason)? = reader.finish() {
                        progress.rowCount += 1
                        try reject(reason, line: reader.line)
                    }
                    onProgress(progress)
                    return count == 0 ? nil : count
                }
                (chunk, offset) = (next, 0)
                progress.byteCount += next.count
                onProgress(progress)
            }
            count += try takeRows(&encoder, limit: limit - count)
        }
        return count
    }

    mutating func reject(unknown rows: [(itemID: String, place: Int)]) throws {
        for row in rows {
            try reject("item '\(row.itemID)' is not in the catalog", line: row.place)
        }
    }

    private mutating func takeRows(_ encoder: inout CopyRowEncoder, limit: Int) throws -> Int {
        var count = 0
        let bytes = chunk
        try bytes.withUnsafeBufferPointer { buffer in
            while count < limit, encoder.bytes.count < importChunkBytes,
                let event = reader.next(in: buffer, from: &offset)
            {
                if try take(event, &encoder) { count += 1 }
            }
        }
        return count
    }

    /// Whether a row was appended.
    private mutating func take(
        _ event: DelimitedReader.Event, _ encoder: inout CopyRowEncoder
    ) throws -> Bool {
        guard let decoder else { return try takeFirst(event, &encoder) }
        progress.rowCount += 1
        let problem =
            switch event {
            case .row: try decoder.append(reader.fields, line: reader.line, to: &encoder)
            case .malformed(let reason): reason as String?
            }
        guard let problem else { return true }
        try reject(problem, line: reader.line)
        return false
    }

    /// Reads the header, or counts the columns of the first row.
    private mutating func takeFirst(
        _ event: DelimitedReader.Event, _ encoder: inout CopyRowEncoder
    ) throws -> Bool {
        if case .malformed(let reason) = event {
            throw StorageError(
                .invalidArgument, "the first line of the file cannot be read: \(reason)")
        }
        var names: [String] = []
        for index in 0..<reader.fields.count {
            guard hasHeader else {
                names.append("\(index + 1)")
                continue
            }
            guard let name = reader.fields.text(index) else {
                throw StorageError(.invalidArgument, "the header of the file is no UTF-8")
            }
            names.append(name)
        }
        decoder = try makeDecoder(try ColumnPlaces(names))
        return hasHeader ? false : try take(event, &encoder)
    }

    private mutating func reject(_ reason: String, line: Int) throws {
        progress.rejectedCount += 1
        guard progress.rejectedCount <= maximumRejectedRows else {
            throw StorageError(
                .invalidArgument,
                "more than \(maximumRejectedRows) rows were rejected: correct the file or the"
                    + " mapping, or allow more; what was stored before stays, and the import can be"
                    + " repeated")
        }
        try onRejected(RejectedRow(line: line, reason: reason))
    }
}
