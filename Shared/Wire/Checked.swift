import CMessages
import CProtobufC
import Domain

/// Reads fields of an unpacked struct, each against its limit; errors name the field.
enum Checked {
    /// A string bounded by the scan alone.
    static func text(_ c: UnsafePointer<CChar>?) -> String { c.map { String(cString: $0) } ?? "" }

    /// A string of at most `limit` bytes.
    static func text(
        _ field: @autoclosure () -> String, _ c: UnsafePointer<CChar>?, limit: Int
    ) throws(WireError) -> String {
        let text = text(c)
        guard text.utf8.count <= limit else {
            throw WireError(
                field: field(), message: "has \(text.utf8.count) bytes, more than \(limit)")
        }
        return text
    }

    /// A title, an attribute's value or a candidate's text.
    static func title(
        _ field: @autoclosure () -> String, _ c: UnsafePointer<CChar>?
    ) throws(WireError) -> String {
        try text(field(), c, limit: WireLimits.maximumTitleBytes)
    }

    /// An id or a name that may be absent, which reads as empty.
    static func name(
        _ field: @autoclosure () -> String, _ c: UnsafePointer<CChar>?
    ) throws(WireError) -> String {
        try text(field(), c, limit: WireLimits.maximumIdentifierBytes)
    }

    /// An id that must be there.
    static func identifier(
        _ field: @autoclosure () -> String, _ c: UnsafePointer<CChar>?
    ) throws(WireError) -> String {
        let identifier = try name(field(), c)
        guard !identifier.isEmpty else { throw WireError(field: field(), message: "is empty") }
        return identifier
    }

    /// A list of ids, none empty.
    static func identifiers(
        _ field: String, _ c: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int,
        limit: Int
    ) throws(WireError) -> [String] {
        try checkCount(field, count, limit)
        var identifiers: [String] = []
        identifiers.reserveCapacity(count)
        for index in 0..<count {
            identifiers.append(try identifier("\(field)[\(index)]", c?[index]))
        }
        return identifiers
    }

    /// A list of texts, each as long as a title may be; empty ones too.
    static func titles(
        _ field: String, _ c: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int,
        limit: Int
    ) throws(WireError) -> [String] {
        try checkCount(field, count, limit)
        var titles: [String] = []
        titles.reserveCapacity(count)
        for index in 0..<count { titles.append(try title("\(field)[\(index)]", c?[index])) }
        return titles
    }

    /// A message that may be absent.
    static func optional<Message: ProtobufConvertible>(
        _ field: String, _ c: UnsafeMutablePointer<Message.C>?
    ) throws(WireError) -> Message? {
        guard let c else { return nil }
        do { return try Message(c.pointee) } catch { throw error.inside(field) }
    }

    /// A repeated message.
    static func list<Message: ProtobufConvertible>(
        _ field: String, _ c: UnsafeMutablePointer<UnsafeMutablePointer<Message.C>?>?,
        _ count: Int, limit: Int
    ) throws(WireError) -> [Message] {
        try checkCount(field, count, limit)
        var messages: [Message] = []
        messages.reserveCapacity(count)
        for index in 0..<count {
            guard let element = c?[index] else { continue }
            do {
                messages.append(try Message(element.pointee))
            } catch {
                throw error.inside("\(field)[\(index)]")
            }
        }
        return messages
    }

    /// A SHA-256, or empty.
    static func hash(_ field: String, _ c: ProtobufCBinaryData) throws(WireError) -> [UInt8] {
        guard c.len == 0 || c.len == WireLimits.hashBytes else {
            throw WireError(
                field: field, message: "has \(c.len) bytes, a SHA-256 has \(WireLimits.hashBytes)")
        }
        return [UInt8](UnsafeBufferPointer(start: c.data, count: c.len))
    }

    /// Opaque bytes.
    static func bytes(
        _ field: String, _ c: ProtobufCBinaryData, limit: Int
    ) throws(WireError) -> [UInt8] {
        guard c.len <= limit else {
            throw WireError(field: field, message: "has \(c.len) bytes, more than \(limit)")
        }
        return [UInt8](UnsafeBufferPointer(start: c.data, count: c.len))
    }

    /// The one attachment of a message, with finite values.
    static func tensor(_ attachments: [FloatTensor]) throws(WireError) -> FloatTensor {
        guard attachments.count == 1 else {
            throw WireError(
                field: "attachments", message: "has \(attachments.count) tensors, one expected")
        }
        if let position = attachments[0].firstNonFinite {
            throw WireError(
                field: "attachments[0]",
                message: "is not finite at row \(position.row), column \(position.column)")
        }
        return attachments[0]
    }

    static func checkCount(_ field: String, _ count: Int, _ limit: Int) throws(WireError) {
        guard count <= limit else {
            throw WireError(field: field, message: "has \(count) elements, more than \(limit)")
        }
    }
}
