import Testing

@Suite("Banned words") struct BannedWordsTests {
    private func findings(_ path: String, _ content: String) -> [Finding] {
        BannedWords.findings(in: SourceFile(path: path, content: content))
    }

    @Test("the sources have no banned word")
    func repository() {
        #expect(!Repository.sources.isEmpty)
        let found = Repository.sources.flatMap(BannedWords.findings(in:))
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test(
        "a banned word in a library is found on its line",
        arguments: [
            "print(\"a\")", "Task.detached { }", "let now = Date()", "let a = try! f()",
            "fatalError(\"no\")", "final class A: @unchecked Sendable {}",
            "let a = \"\\(try! f())\"", "let rest = 1  // TO" + "DO",
        ])
    func library(line: String) {
        let found = findings("Shared/Domain/A.swift", "\n\(line)\n")
        #expect(found.map(\.line) == [2])
    }

    @Test(
        "a word in a comment, a string, or as part of a name is not found",
        arguments: [
            "// print(a)", "let a = \"try!\"", "fingerprint(a)", "value.print(a)",
            "/* fatalError */", "let a = #\"Task.detached\"#", "let d = LastDate()",
        ])
    func harmless(line: String) {
        #expect(findings("Shared/Domain/A.swift", line).isEmpty)
    }

    @Test("an executable may print and read the clock, but not crash")
    func executable() {
        let path = "Services/CommandLine/A.swift"
        #expect(findings(path, "print(Date())").isEmpty)
        #expect(findings(path, "fatalError()").count == 1)
    }

    @Test("a comment above makes an unchecked promise acceptable")
    func uncheckedSendable() {
        let declaration = "public final class A:\n    B, @unchecked Sendable\n{}\n"
        #expect(findings("Shared/RPC/A.swift", "// The mutex guards it.\n\(declaration)").isEmpty)
        #expect(findings("Shared/RPC/A.swift", "// Far away.\n\n\(declaration)").count == 1)
    }

    @Test("an exception holds for one word of one file")
    func exception() throws {
        let (path, exception) = try #require(BannedWords.exceptions.first)
        #expect(findings(path, exception.word).isEmpty)
        #expect(findings(path, "fatalError()").count == 1)
    }
}
