import Testing

@testable import Llama

@Suite("Tokenizer")
struct LlamaTokenizerTests {
    @Test("a title and its newline are tokens of their own, without beginning or end tokens")
    func title() throws {
        let tokenizer = LlamaTokenizer(try ModelFixture.model())
        #expect(tokenizer.beginningOfSequence == nil)
        let newline = try tokenizer.tokenize("\n")
        #expect(newline.count == 1)
        #expect(try tokenizer.tokenize(" Alien\n").suffix(1) == newline)
        #expect(try tokenizer.tokenize("").isEmpty)
    }

    @Test("text that looks like a control token stays text")
    func controlToken() throws {
        let tokens = try LlamaTokenizer(ModelFixture.model()).tokenize("<|im_start|>")
        #expect(tokens.count > 1)
    }

    @Test(
        "no text breaks it",
        arguments: [
            "\0", "a\0b", "\u{FEFF}", "👩‍👩‍👧‍👦", "e\u{301}\u{301}\u{301}", "\u{10FFFF}", "ﷺ", "\r\n\t",
            String(repeating: "9", count: 20_000), String(repeating: "ab", count: 20_000),
            String(repeating: " ", count: 20_000), String(repeating: "é", count: 20_000),
        ])
    func hostileText(_ text: String) throws {
        let model = try ModelFixture.model()
        let tokens = try LlamaTokenizer(model).tokenize(text)
        #expect(!tokens.isEmpty)
        #expect(tokens.allSatisfy { (0..<Int32(model.vocabularySize)).contains($0) })
    }
}
