/// A JSON document whose objects keep the order of their members.
public enum JSONValue: Sendable, Equatable {
    /// One name and value of an object.
    public struct Member: Sendable, Equatable {
        /// The name.
        public var name: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number that fits 64 bits with a sign.
    case integer(Int64)
    /// A whole number that needs all 64 bits.
    case unsigned(UInt64)
    /// A number; one that is not finite is written as `null`.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([Member])

    /// The first member of that name; nil for anything but an object that has it.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The document in one line, or indented by two spaces a level.
    public func text(pretty: Bool = false) -> String {
        var text = ""
        write(to: &text, indent: pretty ? 0 : nil)
        return text
    }

    private func write(to text: inout String, indent: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .number(let value): text += Self.decimal(value)
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            Self.write(values, brackets: ("[", "]"), to: &text, indent: indent) {
                $0.write(to: &$1, indent: $2)
            }
        case .object(let members):
            Self.write(members, brackets: ("{", "}"), to: &text, indent: indent) {
                Self.write($0.name, to: &$1)
                $1 += $2 == nil ? ":" : ": "
                $0.value.write(to: &$1, indent: $2)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], brackets: (String, String), to text: inout String, indent: Int?,
        _ writeElement: (Element, inout String, Int?) -> Void
    ) {
        text += brackets.0
        let inner = indent.map { $0 + 2 }
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            writeElement(element, &text, inner)
        }
        if let indent, !elements.isEmpty { text += "\n" + String(repeating: " ", count: indent) }
        text += brackets.1
    }

    /// Shortest decimal that reads back to the same value; whole numbers without a fraction.
    private static func decimal(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return value.description
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
