import Domain
import Testing

@Suite("Numbers of attribute filters")
struct AttributeFilterTests {
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
