/// Key/value pairs beside a call: trace context, tokens; a key may occur several times.
///
/// Keys are 1 to 64 characters of `[a-z0-9_.-]`. A key that ends in `-bin` holds bytes, any other
/// text without control characters. Number and size are limited by ``RPCLimits``; what breaks a
/// rule fails the call with INVALID_ARGUMENT or RESOURCE_EXHAUSTED before it is sent.
public struct Metadata: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        var key: String
        var value: [UInt8]
        var isText: Bool
    }

    /// Longest key in bytes; fixed by the protocol.
    static let maximumKeyBytes = 64
    /// Longest value in bytes; its length travels in 16 bits.
    static let maximumValueBytes = 65_535

    private(set) var entries: [Entry] = []

    /// Makes metadata without entries.
    public init() {}

    /// Whether there is no entry.
    public var isEmpty: Bool { entries.isEmpty }

    /// Adds a text under a key that does not end in `-bin`.
    public mutating func add(text: String, for key: String) {
        entries.append(Entry(key: key, value: Array(text.utf8), isText: true))
    }

    /// Adds bytes under a key that ends in `-bin`.
    public mutating func add(binary: [UInt8], for key: String) {
        entries.append(Entry(key: key, value: binary, isText: false))
    }

    /// The first text under `key`.
    public func text(_ key: String) -> String? {
        entries.first { $0.isText && $0.key == key }.map {
            String(decoding: $0.value, as: UTF8.self)
        }
    }

    /// The first bytes under `key`.
    public func binary(_ key: String) -> [UInt8]? {
        entries.first { !$0.isText && $0.key == key }?.value
    }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func removeAll(_ key: String) { entries.removeAll { $0.key == key } }

    /// Keys and values together, in bytes; what ``RPCLimits/metadataBytes`` counts.
    var byteCount: Int {
        entries.reduce(0) { $0 + $1.key.utf8.count + $1.value.count }
    }

    /// The first rule of form that an entry breaks, in words that name the key's number only.
    var malformation: String? {
        for (index, entry) in entries.enumerated() {
            if let wrong = Self.malformation(of: entry) {
                return "metadata entry \(index): \(wrong)"
            }
        }
        return nil
    }

    /// The limit that number or size exceeds.
    func violation(of limits: RPCLimits) -> RPCError? {
        if entries.count > limits.metadataEntries {
            return RPCError(
                code: .resourceExhausted,
                message: "\(entries.count) metadata entries, at most \(limits.metadataEntries) "
                    + "(metadataEntries)")
        }
        if byteCount > limits.metadataBytes {
            return RPCError(
                code: .resourceExhausted,
                message: "\(byteCount) bytes of metadata, at most \(limits.metadataBytes) "
                    + "(metadataBytes)")
        }
        return nil
    }

    static func malformation(of entry: Entry) -> String? {
        let key = entry.key.utf8
        guard (1...maximumKeyBytes).contains(key.count) else {
            return "a key has 1 to \(maximumKeyBytes) characters, this one \(key.count)"
        }
        guard key.allSatisfy(isKeyByte) else {
            return "a key holds only a-z, 0-9, '_', '.' and '-'"
        }
        guard isBinary(key: entry.key) != entry.isText else {
            return "a key ends in -bin exactly when its value is binary"
        }
        guard entry.value.count <= maximumValueBytes else {
            return "a value has at most \(maximumValueBytes) bytes"
        }
        if entry.isText, !isText(entry.value) {
            return "a text value is UTF-8 without control characters"
        }
        return nil
    }

    static func isBinary(key: String) -> Bool { key.hasSuffix("-bin") }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }

    static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && String(validating: bytes, as: UTF8.self) != nil
    }
}
