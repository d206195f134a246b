import Testing

@Suite("Swift text") struct SwiftTextTests {
    @Test(
        "comments and strings are blanked and code stays",
        arguments: [
            ("a // b", "a     "),
            ("a /* b /* c */ d */ e", "a                   e"),
            ("f(\"b\\\"c\") d", "f(      ) d"),
            ("\"a\\(b(\"c\"))d\"", "   (b(   ))  "),
            ("#\"a\\(b)\"# c", "          c"),
            ("#\"a\\#(b)\"# c", "     (b)   c"),
            ("\"\"\"\n a \"b\"\n\"\"\"\nc", "   \n      \n   \nc"),
            ("#if DEBUG", "#if DEBUG"),
        ])
    func blanking(source: String, code: String) {
        #expect(SwiftText.code(of: source) == code)
    }
}
