import Domain
import Postgres

/// Turns the fields of a line into a row for COPY, or says why they are none.
protocol RowDecoder: Sendable {
    /// Appends the row.
    ///
    /// - Returns: why the row is rejected; nil when it was appended.
    func append(
        _ fields: DelimitedReader.Fields, line: Int, to encoder: inout CopyRowEncoder
    ) throws(StorageError) -> String?
}

/// Where the columns of a mapping stand in a line.
struct ColumnPlaces {
    private let places: [String: Int]
    /// The columns' names in order.
    let names: [String]

    /// - Throws: `StorageError` of code `invalidArgument` when a name is there twice.
    init(_ names: [String]) throws(StorageError) {
        self.names = names
        var places: [String: Int] = [:]
        for (index, name) in names.enumerated() where places.updateValue(index, forKey: name) != nil
        {
            throw .invalid("columns", "are ambiguous: the header names one twice", value: name)
        }
        self.places = places
    }

    /// - Throws: `StorageError` of code `invalidArgument` when there is no such column.
    func place(_ name: String, of field: String) throws(StorageError) -> Int {
        guard let place = places[name] else {
            throw StorageError(
                .invalidArgument,
                "no column for the \(field): map it to one of the file's columns",
                details: [
                    .init(
                        field: field,
                        problem: "is no column; the file has "
                            + names.joined(separator: ", "), value: name)
                ])
        }
        return place
    }

    func place(_ name: String?, of field: String) throws(StorageError) -> Int? {
        guard let name else { return nil }
        return try place(name, of: field) as Int
    }
}

/// Rows of interactions; bytes go to COPY without strings in between.
struct InteractionDecoder: RowDecoder {
    private let columnCount: Int
    private let user: Int
    private let item: Int
    private let rating: Int?
    private let time: Int?

    init(_ columns: InteractionColumns, places: ColumnPlaces) throws(StorageError) {
        columnCount = places.names.count
        user = try places.place(columns.user, of: "user")
        item = try places.place(columns.item, of: "item")
        rating = try places.place(columns.rating, of: "rating")
        time = try places.place(columns.time, of: "time")
    }

    func append(
        _ fields: DelimitedReader.Fields, line: Int, to encoder: inout CopyRowEncoder
    ) throws(StorageError) -> String? {
        guard fields.count == columnCount else { return Self.wrongCount(fields, columnCount) }
        let user = fields.bytes[fields.range(user)]
        let item = fields.bytes[fields.range(item)]
        if let problem = Self.problem(user) { return "user \(problem)" }
        if let problem = Self.problem(item) { return "item \(problem)" }
        guard let time = self.time.map({ fields.integer($0) }) ?? 0, time >= 0 else {
            return "time is no whole number of seconds from 0 on"
        }
        guard let rating = self.rating.map({ fields.number($0) }) ?? 0, rating.isFinite else {
            return "rating is no number"
        }
        encoder.beginRow(5)
        encoder.append(Int64(line))
        encoder.append(utf8: user)
        encoder.append(utf8: item)
        encoder.append(time)
        encoder.append(rating)
        return nil
    }

    static func wrongCount(_ fields: DelimitedReader.Fields, _ count: Int) -> String {
        "the line has \(fields.count) fields where the file has \(count)"
    }

    /// What is wrong with an id.
    private static func problem(_ id: ArraySlice<UInt8>) -> String? {
        if id.isEmpty { return "is empty" }
        if id.count > CatalogLimits.maximumIDBytes {
            return "has \(id.count) bytes; the limit is \(CatalogLimits.maximumIDBytes)"
        }
        var union: UInt8 = 0
        var hasZero = false
        for byte in id {
            union |= byte
            hasZero = hasZero || byte == 0
        }
        if hasZero { return "holds a NUL byte" }
        if union >= 0x80 {
            guard let text = String(validating: id, as: UTF8.self) else { return "is no UTF-8" }
            if !UnicodeForm.isComposed(text) { return UnicodeForm.problem }
        }
        return nil
    }
}

/// Rows of items.
struct ItemDecoder: RowDecoder {
    private let columnCount: Int
    private let id: Int
    private let title: Int
    private let attributes: [(key: String, place: Int)]
    private let state: Int?
    private let expiry: Int?

    init(_ columns: ItemColumns, places: ColumnPlaces) throws(StorageError) {
        columnCount = places.names.count
        id = try places.place(columns.id, of: "id")
        title = try places.place(columns.title, of: "title")
        state = try places.place(columns.state, of: "state")
        expiry = try places.place(columns.expiry, of: "expiry")
        var attributes: [(key: String, place: Int)] = []
        if let named = columns.attributes {
            for (key, name) in named.sorted(by: { $0.key < $1.key }) {
                attributes.append((key, try places.place(name, of: "attribute")))
            }
        } else {
            let taken = [id, title, state, expiry].compactMap { $0 }
            attributes = places.names.enumerated()
                .filter { !taken.contains($0.offset) }.map { ($0.element, $0.offset) }
        }
        self.attributes = attributes
    }

    func append(
        _ fields: DelimitedReader.Fields, line: Int, to encoder: inout CopyRowEncoder
    ) throws(StorageError) -> String? {
        guard fields.count == columnCount else {
            return InteractionDecoder.wrongCount(fields, columnCount)
        }
        guard let id = fields.text(id), let title = fields.text(title) else {
            return "id or title is no UTF-8"
        }
        var item = ItemDraft(id: id, title: title)
        for (key, place) in attributes where !fields.range(place).isEmpty {
            guard let value = fields.text(place) else { return "attribute \(key) is no UTF-8" }
            item.attributes.append(ItemAttribute(key: key, value: value))
        }
        switch state.map({ fields.text($0) }) ?? "" {
        case "", "active": break
        case "hidden": item.isHidden = true
        default: return "state is neither active nor hidden"
        }
        guard let expiry = self.expiry.map({ fields.integer($0) }) ?? 0 else {
            return "expiry is no whole number of seconds"
        }
        item.expiresAtSeconds = expiry
        do {
            try Check.item(item, "item")
        } catch {
            return error.message
        }
        encoder.append(try item.importValues(place: line))
        return nil
    }
}

extension ItemDraft {
    /// The columns of `CatalogStatements.createImportedItems`.
    func importValues(place: Int) throws(StorageError) -> [PostgresValue] {
        [
            .int(Int64(place)), .text(id), .text(title),
            .text(try AttributesJSON.encode(attributes)), .bool(isHidden), .int(expiresAtSeconds),
        ]
    }
}

extension DelimitedReader.Fields {
    /// A whole number, 0 where the field is empty; nil for anything else.
    func integer(_ index: Int) -> Int64? {
        let range = range(index)
        if range.isEmpty { return 0 }
        // Eighteen digits cannot overflow; longer texts and signs are rare.
        guard range.count <= 18 else { return text(index).flatMap { Int64($0) } }
        var value: Int64 = 0
        for byte in bytes[range] {
            let digit = byte &- 0x30
            guard digit <= 9 else { return text(index).flatMap { Int64($0) } }
            value = value &* 10 &+ Int64(digit)
        }
        return value
    }

    /// A number, 0 where the field is empty; nil for anything else.
    func number(_ index: Int) -> Float? {
        let range = range(index)
        if range.isEmpty { return 0 }
        // A single digit is what ratings mostly are.
        if range.count == 1, case let digit = bytes[range.lowerBound] &- 0x30, digit <= 9 {
            return Float(digit)
        }
        return text(index).flatMap { Float($0) }
    }
}
