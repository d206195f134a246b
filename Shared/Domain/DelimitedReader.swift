/// Splits bytes into rows of fields, whatever chunks they come in.
///
/// Lines end with a newline, or a carriage return and a newline; empty lines are passed over. Within
/// quotes both belong to the field. A byte order mark at the start is passed over. Memory is bounded
/// by the limits of a line.
public struct DelimitedReader: Sendable {
    /// What was found.
    public enum Event: Equatable, Sendable {
        /// `fields` holds a row.
        case row
        /// A row that cannot be read, and why.
        case malformed(String)
    }

    /// The fields of one row, without quotes.
    public struct Fields: Sendable {
        /// The fields' bytes one after another.
        public fileprivate(set) var bytes: [UInt8] = []
        /// Where each field ends in ``bytes``.
        public fileprivate(set) var ends: [Int] = []

        /// Number of fields.
        public var count: Int { ends.count }

        /// Where field `index` lies in ``bytes``.
        public func range(_ index: Int) -> Range<Int> {
            (index == 0 ? 0 : ends[index - 1])..<ends[index]
        }

        /// Field `index` as a text; nil if it is no UTF-8.
        public func text(_ index: Int) -> String? {
            String(validating: bytes[range(index)], as: UTF8.self)
        }
    }

    private enum State: Sendable {
        case fieldStart
        case unquoted
        case quoted
        /// After a quote within quotes: the end of the field, or the first half of a quote.
        case quoteInQuoted
        /// The row is malformed: on to its end.
        case skipping
    }

    /// The row of the last `row` event.
    public private(set) var fields = Fields()
    /// The line, from 1, on which the row of the last event starts.
    public private(set) var line = 0
    private let separator: UInt8
    private let isQuoted: Bool
    private var state = State.fieldStart
    private var lineCount = 1
    private var mustClear = true
    private var byteCount = 0
    private var markBytes = 0
    private var problem = ""

    /// Starts before the first row.
    public init(_ format: DelimitedFormat) {
        separator = format.separator.rawValue
        isQuoted = format.isQuoted
    }

    /// Reads on in `chunk` from `offset` up to the next event; nil at the chunk's end.
    public mutating func next(
        in chunk: UnsafeBufferPointer<UInt8>, from offset: inout Int
    ) -> Event? {
        while offset < chunk.count {
            if mustClear { startRow() }
            let byte = chunk[offset]
            if byteCount < 3, lineCount == 1, isMark(byte) {
                offset += 1
                continue
            }
            if state == .unquoted || state == .quoted {
                takeRun(chunk, &offset)
                if offset == chunk.count { return nil }
            }
            if let event = take(chunk[offset], &offset) { return event }
        }
        return nil
    }

    /// The event that the end of the input makes.
    public mutating func finish() -> Event? {
        guard !mustClear, byteCount > 0 else { return nil }
        mustClear = true
        return .malformed(
            state == .quoted
                ? "the file ends within quotes" : "the file ends in the middle of this line")
    }

    private mutating func startRow() {
        mustClear = false
        fields.bytes.removeAll(keepingCapacity: true)
        fields.ends.removeAll(keepingCapacity: true)
        (state, byteCount, line) = (.fieldStart, 0, lineCount)
    }

    /// Whether the byte belongs to the mark EF BB BF before the first row.
    private mutating func isMark(_ byte: UInt8) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard byteCount == 0, markBytes < 3, byte == mark[markBytes] else { return false }
        markBytes += 1
        return true
    }

    /// Takes the bytes of a field up to the next one that means something.
    private mutating func takeRun(_ chunk: UnsafeBufferPointer<UInt8>, _ offset: inout Int) {
        let start = offset
        if state == .quoted {
            while offset < chunk.count, chunk[offset] != 0x22 {
                if chunk[offset] == 0x0A { lineCount += 1 }
                offset += 1
                if byteCount + offset - start > DelimitedLimits.maximumLineBytes { break }
            }
        } else {
            while offset < chunk.count {
                let byte = chunk[offset]
                if byte == separator || byte == 0x0A { break }
                offset += 1
                if byteCount + offset - start > DelimitedLimits.maximumLineBytes { break }
            }
        }
        fields.bytes.append(contentsOf: chunk[start..<offset])
        byteCount += offset - start
        checkLimits()
    }

    private mutating func checkLimits() {
        let field = fields.bytes.count - (fields.ends.last ?? 0)
        if field > DelimitedLimits.maximumFieldBytes {
            refuse("a field has more than \(DelimitedLimits.maximumFieldBytes) bytes")
        } else if byteCount > DelimitedLimits.maximumLineBytes {
            refuse("the line has more than \(DelimitedLimits.maximumLineBytes) bytes")
        }
    }

    /// The rest of the line is passed over.
    private mutating func refuse(_ reason: String) {
        problem = reason
        state = .skipping
        fields.bytes.removeAll(keepingCapacity: true)
        fields.ends.removeAll(keepingCapacity: true)
    }

    private mutating func take(_ byte: UInt8, _ offset: inout Int) -> Event? {
        offset += 1
        byteCount += 1
        switch (state, byte) {
        case (.quoted, 0x22): state = .quoteInQuoted
        case (.quoted, _): break
        case (.quoteInQuoted, 0x22):
            fields.bytes.append(byte)
            state = .quoted
        case (_, 0x0A): return endLine()
        case (.skipping, _): break
        case (_, separator): endField()
        // Before a newline; anywhere else what follows is refused.
        case (.quoteInQuoted, 0x0D): break
        case (.quoteInQuoted, _): refuse("text stands after a closing quote")
        case (.fieldStart, 0x22) where isQuoted: state = .quoted
        case (.fieldStart, _), (.unquoted, _):
            fields.bytes.append(byte)
            state = .unquoted
        }
        return nil
    }

    private mutating func endField() {
        fields.ends.append(fields.bytes.count)
        state = .fieldStart
        if fields.ends.count >= DelimitedLimits.maximumColumns {
            refuse("the line has more than \(DelimitedLimits.maximumColumns) fields")
        }
    }

    private mutating func endLine() -> Event? {
        lineCount += 1
        mustClear = true
        if state == .skipping { return .malformed(problem) }
        if state != .quoteInQuoted, fields.bytes.count > (fields.ends.last ?? 0),
            fields.bytes.last == 0x0D
        {
            fields.bytes.removeLast()
        }
        if fields.bytes.isEmpty, fields.ends.isEmpty, state != .quoteInQuoted { return nil }
        fields.ends.append(fields.bytes.count)
        return .row
    }
}
