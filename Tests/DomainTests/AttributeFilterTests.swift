import Domain
import Testing

@Suite("Attribute filters")
struct AttributeFilterTests {
    private let item = ["genre": "Comedy", "year": "1995", "length": "81.5", "note": ""]

    @Test("an item passes by one of the values given")
    func values() {
        #expect(AttributeFilter(key: "genre", anyOf: ["Drama", "Comedy"]).matches(item))
        #expect(!AttributeFilter(key: "genre", anyOf: ["comedy"]).matches(item))
        #expect(AttributeFilter(key: "note", anyOf: [""]).matches(item))
    }

    @Test("an item without the attribute fails; without a condition it has to be there")
    func presence() {
        #expect(AttributeFilter(key: "note").matches(item))
        #expect(!AttributeFilter(key: "director").matches(item))
        #expect(!AttributeFilter(key: "director", anyOf: [""]).matches(item))
    }

    @Test(
        "both bounds of a range are inside",
        arguments: [
            (NumberRange(minimum: 1995), true), (NumberRange(maximum: 1995), true),
            (NumberRange(minimum: 1990, maximum: 1999), true), (NumberRange(), true),
            (NumberRange(minimum: 1995.5), false), (NumberRange(maximum: 1994), false),
        ])
    func range(_ range: NumberRange, _ passes: Bool) {
        #expect(AttributeFilter(key: "year", range: range).matches(item) == passes)
    }

    @Test("values and a range must both hold")
    func both() {
        let range = NumberRange(minimum: 80)
        #expect(AttributeFilter(key: "length", anyOf: ["81.5"], range: range).matches(item))
        #expect(!AttributeFilter(key: "length", anyOf: ["99"], range: range).matches(item))
        #expect(!AttributeFilter(key: "genre", anyOf: ["Comedy"], range: range).matches(item))
    }

    @Test(
        "a number is digits with a sign and a fraction",
        arguments: [
            ("0", 0), ("-12", -12), ("+7", 7), ("3.50", 3.5), ("007", 7),
            ("123456789012345.123456789012345", 123_456_789_012_345.123),
        ])
    func numbers(_ value: String, _ number: Double) {
        #expect(NumberRange.number(value) == number)
        #expect(value.wholeMatch(of: try! Regex(NumberRange.numberPattern)) != nil)
    }

    @Test(
        "what else could be read as a number is none",
        arguments: [
            "", " 1", "1 ", "1e3", "0x10", "nan", "inf", ".5", "5.", "1.2.3", "--1", "+", "1,5",
            "٣", "1234567890123456", "0.1234567890123456", "1\n",
        ])
    func otherTexts(_ value: String) {
        #expect(NumberRange.number(value) == nil)
        #expect(value.wholeMatch(of: try! Regex(NumberRange.numberPattern)) == nil)
    }
}
