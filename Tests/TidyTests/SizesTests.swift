import Testing

@Suite("Sizes") struct SizesTests {
    private func file(_ content: String) -> SourceFile {
        SourceFile(path: "Shared/Domain/A.swift", content: content)
    }

    private func function(lines: Int) -> String {
        "func a(b: () -> Int = { 1 }) -> Int {\n"
            + String(repeating: "    if c { \"}\" }\n", count: lines - 2) + "}\n"
    }

    @Test("no file and no function is too long")
    func repository() {
        #expect(!Repository.sources.isEmpty)
        let found = Repository.sources.flatMap(Sizes.findings(in:))
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test("a file at the limit is fine and one beyond it is found")
    func fileLength() {
        let limit = Sizes.maximumFileLines
        #expect(Sizes.findings(in: file(String(repeating: "\n", count: limit))).isEmpty)
        #expect(Sizes.findings(in: file(String(repeating: "\n", count: limit + 1))).count == 1)
    }

    @Test("a function at the limit is fine and one beyond it is found")
    func functionLength() {
        let limit = Sizes.maximumFunctionLines
        #expect(Sizes.findings(in: file(function(lines: limit))).isEmpty)
        let found = Sizes.findings(in: file("\n" + function(lines: limit + 1)))
        #expect(found.map(\.line) == [2])
    }

    @Test("a declaration without a body does not swallow what follows")
    func declarations() {
        let content = "protocol P {\n    func a()\n    init(b: Int)\n}\n" + function(lines: 5)
        let functions = Sizes.functions(in: file(content))
        #expect(functions.map(\.start) == [5])
        #expect(functions.map(\.lines) == [5])
    }

    @Test("initialisers and modified functions are counted")
    func modifiers() {
        let content = """
            public init?(a: Int) {
            }
            @inlinable public static func b() async throws -> [Int] {
            }
            deinit { c() }
            """
        #expect(Sizes.functions(in: file(content)).map(\.lines) == [2, 2, 1])
    }
}
