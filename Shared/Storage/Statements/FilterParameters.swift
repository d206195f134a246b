import Domain
import Postgres

/// Filters as the four parameters that the statements take.
struct FilterParameters {
    /// A JSON path; then the keys, least and greatest numbers of the ranges.
    let values: [PostgresValue]

    init(_ filters: [AttributeFilter]) {
        let ranges = filters.compactMap { filter in filter.range.map { (filter.key, $0) } }
        values = [
            .text(filters.isEmpty ? "1 == 1" : filters.map(Self.path).joined(separator: " && ")),
            .texts(ranges.map(\.0)),
            .doubles(ranges.map { $0.1.minimum ?? -.infinity }),
            .doubles(ranges.map { $0.1.maximum ?? .infinity }),
        ]
    }

    /// A predicate of presence or of equality, which the attributes' index can serve.
    private static func path(_ filter: AttributeFilter) -> String {
        let member = "$.\(quoted(filter.key))"
        if filter.anyOf.isEmpty { return "exists(\(member))" }
        let choices = filter.anyOf.map { "\(member) == \(quoted($0))" }
        return "(\(choices.joined(separator: " || ")))"
    }

    /// A string of the JSON path language, whose escapes are JavaScript's.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
