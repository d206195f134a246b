/// Files and functions that one can read in one go.
struct Sizes {
    static let maximumFileLines = 500
    static let maximumFunctionLines = 70

    static func findings(in file: SourceFile) -> [Finding] {
        let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
        let long =
            count > maximumFileLines
            ? [Finding(path: file.path, line: 1, message: "\(count) lines; split the file")] : []
        return long
            + functions(in: file).filter { $0.lines > maximumFunctionLines }.map {
                Finding(
                    path: file.path, line: $0.start,
                    message: "a function of \($0.lines) lines; split it")
            }
    }

    /// Where each function or initialiser with a body begins, and how many lines it has.
    ///
    /// Braces are counted. A declaration without a body, as in a protocol, is none.
    static func functions(in file: SourceFile) -> [(start: Int, lines: Int)] {
        file.code.indices.compactMap { start in
            guard declaresFunction(file.code[start]) else { return nil }
            return lastLine(ofFunctionAt: start, in: file.code).map { (start + 1, $0 - start + 1) }
        }
    }

    private static func declaresFunction(_ line: Substring) -> Bool {
        let words = line.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" }
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "private", "fileprivate", "static", "final",
            "mutating", "consuming", "borrowing", "nonisolated", "override", "convenience",
            "isolated", "class", "nonmutating", "required",
        ]
        let keyword = words.first { !modifiers.contains($0) && !$0.hasPrefix("@") }
        return keyword == "func" || keyword == "init" || keyword == "deinit"
    }

    private static func lastLine(ofFunctionAt start: Int, in code: [Substring]) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in start..<code.count {
            if index > start, braces == 0, parentheses == 0, declaresFunction(code[index]) {
                return nil
            }
            for character in code[index] {
                switch character {
                case "(", "[": if braces == 0 { parentheses += 1 }
                case ")", "]": if braces == 0 { parentheses -= 1 }
                case "{" where parentheses == 0: braces += 1
                case "}" where parentheses == 0:
                    braces -= 1
                    if braces < 0 { return nil }
                    if braces == 0 { return index }
                default: break
                }
            }
        }
        return nil
    }
}
