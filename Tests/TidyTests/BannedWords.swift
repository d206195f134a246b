/// Words that stand for a mistake here, each with what to write instead.
struct BannedWords {
    struct Ban {
        let word: String
        let instead: String
        let applies: @Sendable (String) -> Bool
    }

    static let bans = [
        Ban(word: "print(", instead: "return the text, or log it", applies: isLibrary),
        Ban(
            word: "Task.detached", instead: "a task group, or a thread of the adapter's own",
            applies: isSource),
        Ban(word: "Date()", instead: "take the time as a parameter", applies: isLibrary),
        Ban(word: "try!", instead: "throw, or handle the error", applies: isSource),
        Ban(
            word: "fatalError", instead: "throw an error that says what to do next",
            applies: isSource),
    ]

    /// Where the world is met: what is banned there, and why it is right.
    static let exceptions: [String: (word: String, reason: String)] = [
        "Shared/ServiceKit/JSONLogHandler.swift": ("Date()", "a log line carries its time")
    ]

    @Sendable static func isSource(_ path: String) -> Bool {
        !path.hasPrefix("Tests/")
    }

    /// All but tests and executables.
    @Sendable static func isLibrary(_ path: String) -> Bool {
        isSource(path) && (Rings.target(of: path)?.ring ?? 0) < 4
    }

    static func findings(in file: SourceFile) -> [Finding] {
        bannedWords(in: file) + uncommentedUncheckedSendables(in: file) + unfinishedWork(in: file)
    }

    private static func bannedWords(in file: SourceFile) -> [Finding] {
        let bans = bans.filter {
            $0.applies(file.path) && exceptions[file.path]?.word != $0.word
        }
        return file.code.enumerated().flatMap { index, line in
            bans.filter { contains(line, word: $0.word) }.map {
                Finding(
                    path: file.path, line: index + 1, message: "\($0.word) is banned: \($0.instead)"
                )
            }
        }
    }

    /// Whether `word` stands in `line`, and not as the end of a longer name.
    static func contains(_ line: Substring, word: String) -> Bool {
        line.ranges(of: word).contains { range in
            guard range.lowerBound > line.startIndex else { return true }
            let before = line[line.index(before: range.lowerBound)]
            return !(before.isLetter || before.isNumber || before == "_" || before == ".")
        }
    }

    /// The comment above has to name what makes the promise true, which nobody checks otherwise.
    private static func uncommentedUncheckedSendables(in file: SourceFile) -> [Finding] {
        file.code.enumerated().compactMap { index, line in
            guard line.contains("@unchecked Sendable"), !hasCommentAbove(index, in: file) else {
                return nil
            }
            return Finding(
                path: file.path, line: index + 1,
                message: "@unchecked Sendable needs a comment above: the lock or thread behind it")
        }
    }

    /// A declaration may spread over some lines, with attributes above it.
    private static func hasCommentAbove(_ index: Int, in file: SourceFile) -> Bool {
        for line in file.lines[..<index].suffix(4).reversed() {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("//") { return true }
            if text.isEmpty || text.hasSuffix("}") { return false }
        }
        return false
    }

    /// Written apart, so that this file does not find itself.
    private static let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]

    private static func unfinishedWork(in file: SourceFile) -> [Finding] {
        file.lines.enumerated().flatMap { index, line in
            marks.filter { contains(line, word: $0) }.map {
                Finding(
                    path: file.path, line: index + 1,
                    message: "\($0) is banned: finish it, or write down why it is right as it is")
            }
        }
    }
}
