import ArgumentParser
import Domain

/// A test of an attribute: `KEY=VALUE[,VALUE…]`, `KEY>=N`, `KEY<=N`, `KEY=A..B`, or `KEY` alone.
struct FilterArgument: ExpressibleByArgument, Equatable {
    static let help: ArgumentHelp = """
        A test of an attribute; several must all hold: KEY=VALUE[,VALUE…], 'KEY>=N', 'KEY<=N', \
        KEY=A..B, or KEY alone: it is there.
        """

    let filter: AttributeFilter

    init?(argument: String) {
        guard let filter = Self.filter(argument), !filter.key.isEmpty else { return nil }
        self.filter = filter
    }

    private static func filter(_ text: String) -> AttributeFilter? {
        guard let sign = text.firstIndex(where: { "<>=".contains($0) }) else {
            return AttributeFilter(key: text)
        }
        let key = String(text[..<sign])
        let rest = text[text.index(after: sign)...]
        guard text[sign] == "=" else {
            guard rest.hasPrefix("="), let bound = NumberRange.number(String(rest.dropFirst()))
            else { return nil }
            let isMinimum = text[sign] == ">"
            return AttributeFilter(
                key: key,
                range: NumberRange(
                    minimum: isMinimum ? bound : nil, maximum: isMinimum ? nil : bound))
        }
        if let range = range(String(rest)) { return AttributeFilter(key: key, range: range) }
        let values = rest.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return values.contains("") ? nil : AttributeFilter(key: key, anyOf: values)
    }

    /// `A..B` between numbers, of which one may be missing; anything else is a value.
    private static func range(_ text: String) -> NumberRange? {
        guard let points = text.firstRange(of: "..") else { return nil }
        let bounds = [text[..<points.lowerBound], text[points.upperBound...]].map(String.init)
        let numbers = bounds.map(NumberRange.number)
        guard zip(bounds, numbers).allSatisfy({ $0.isEmpty || $1 != nil }),
            numbers.contains(where: { $0 != nil })
        else { return nil }
        return NumberRange(minimum: numbers[0], maximum: numbers[1])
    }
}
