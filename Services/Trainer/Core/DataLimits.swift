internal import Domain

/// What a data set may hold: no more than the catalog and a release's vocabulary take.
public enum DataLimits {
    /// Most bytes of a user's or an item's id.
    public static let maximumIDBytes = 256
    /// Most bytes of a title.
    public static let maximumTitleBytes = 1_024
    /// Most bytes of an attribute's value.
    public static let maximumAttributeBytes = 1_024
    /// Most attributes of an item.
    public static let maximumAttributes = 64
    /// Largest data file in bytes.
    public static let maximumFileBytes = 1 << 30

    /// What is wrong with an id; nil for a good one.
    public static func problem(ofID id: String) -> String? {
        if id.isEmpty { return "is empty" }
        if id.utf8.count > maximumIDBytes {
            return "has \(id.utf8.count) bytes, more than \(maximumIDBytes)"
        }
        if id.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "holds a control character"
        }
        return UnicodeForm.isComposed(id) ? nil : UnicodeForm.problem
    }

    /// What is wrong with a title; nil for a good one.
    static func problem(ofTitle title: String) -> String? {
        if title.isEmpty { return "is empty" }
        return title.utf8.count > maximumTitleBytes
            ? "has \(title.utf8.count) bytes, more than \(maximumTitleBytes)" : nil
    }

    /// A text on one line: control characters become blanks, and those at the ends go.
    static func oneLine(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        let line =
            isPlain
            ? text
            : String(text.map { $0.isNewline || $0.isControl ? " " : $0 })
        guard line.first?.isWhitespace == true || line.last?.isWhitespace == true else {
            return line
        }
        return String(
            line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

extension Character {
    fileprivate var isControl: Bool {
        unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
