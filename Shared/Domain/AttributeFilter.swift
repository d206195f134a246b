/// Inclusive bounds of an attribute that is read as a number.
public struct NumberRange: Sendable, Hashable {
    /// Digits that a number may have before and after its point.
    ///
    /// A double tells this many apart, and nothing overflows on the way through a database.
    public static let maximumDigits = 15

    /// The regular expression of what counts as a number: `-12`, `3.50`; no exponent, no blank.
    ///
    /// For whoever filters outside of Swift, in a database; the same as ``number(_:)``.
    public static let numberPattern =
        "^[+-]?[0-9]{1,\(maximumDigits)}([.][0-9]{1,\(maximumDigits)})?$"

    /// The least value that is inside; nil is no bound.
    public let minimum: Double?
    /// The greatest value that is inside; nil is no bound.
    public let maximum: Double?

    /// Makes a range.
    public init(minimum: Double? = nil, maximum: Double? = nil) {
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The number that an attribute's value stands for, nil if it is none.
    public static func number(_ value: String) -> Double? {
        var digits = value.utf8[...]
        if let sign = digits.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            digits.removeFirst()
        }
        let parts = digits.split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { part in
            (1...maximumDigits).contains(part.count)
                && part.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        return areDigits ? Double(value) : nil
    }
}

/// A test of one attribute of an item; several filters must all hold.
public struct AttributeFilter: Sendable, Hashable {
    /// The attribute's key.
    public let key: String
    /// The value is one of these; empty is any value.
    public let anyOf: [String]
    /// The value is a number within these bounds; nil is any value.
    public let range: NumberRange?

    /// Makes a filter; with neither values nor a range it asks for the attribute to be there.
    public init(key: String, anyOf: [String] = [], range: NumberRange? = nil) {
        self.key = key
        self.anyOf = anyOf
        self.range = range
    }
}
