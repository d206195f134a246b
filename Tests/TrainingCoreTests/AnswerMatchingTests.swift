import Testing
import TrainingCore

@Suite("What a generated text names")
struct AnswerMatchingTests {
    private let names = ["Batman", "Batman & Robin", "Alien", "The Piano"]

    private func named(_ rule: AnswerMatching, _ text: String) -> String? {
        rule.candidate(named: text, among: names).map { names[$0] }
    }

    @Test("LLaRA's rule takes the one name in the text, whatever its case and blanks")
    func substring() {
        #expect(named(.substring, " alien \n") == "Alien")
        #expect(named(.substring, "The answer is: The Piano.") == "The Piano")
        #expect(named(.substring, "Fargo") == nil)
        #expect(named(.substring, "") == nil)
    }

    @Test("LLaRA's rule calls an answer invalid whose name holds another's, and two names")
    func substringOfAnother() {
        #expect(named(.substring, "Batman & Robin") == nil)
        #expect(named(.substring, "Batman") == "Batman")
        #expect(named(.substring, "Alien, The Piano") == nil)
        #expect(named(.substring, "Aliens") == "Alien")
    }

    @Test("the exact name wins, else the longest of whole words")
    func exactOrLongest() {
        #expect(named(.exactOrLongest, " batman & ROBIN.") == "Batman & Robin")
        #expect(named(.exactOrLongest, "Batman") == "Batman")
        #expect(named(.exactOrLongest, "I choose Batman & Robin!") == "Batman & Robin")
        #expect(named(.exactOrLongest, "Aliens") == nil)
        #expect(named(.exactOrLongest, "Piano") == nil)
        #expect(named(.exactOrLongest, "...") == nil)
    }

    @Test("two names of one length leave it open which is meant")
    func ambiguous() {
        #expect(named(.exactOrLongest, "Alien or Batman") == nil)
        #expect(AnswerMatching.exactOrLongest.candidate(named: "M", among: ["M", "m."]) == nil)
    }

    @Test("a name without letters can be named")
    func symbols() {
        #expect(AnswerMatching.exactOrLongest.candidate(named: " $", among: ["$", "M"]) == 0)
        #expect(
            AnswerMatching.exactOrLongest.candidate(named: "$9.99", among: ["9", "$9.99"]) == 1)
    }
}
