import Foundation

/// One file of the repository, as rules see it.
struct SourceFile {
    /// Relative to the repository, such as `Shared/Domain/StableHash.swift`.
    let path: String
    let lines: [Substring]
    /// `lines` without comments and strings.
    let code: [Substring]

    /// A file with given content, which the tests of the rules use.
    init(path: String, content: String) {
        self.path = path
        lines = content.split(separator: "\n", omittingEmptySubsequences: false)
        code = SwiftText.code(of: content).split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The modules that the file imports, with line numbers.
    var imports: [(module: String, line: Int)] {
        code.enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
                words[..<keyword].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
            else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var"]
            let name = words[kinds.contains(words[keyword + 1]) ? keyword + 2 : keyword + 1]
            return (String(name.prefix { $0 != "." }), index + 1)
        }
    }
}

private let accessLevels: Set<Substring> = [
    "public", "package", "internal", "private", "fileprivate",
]

/// What a rule has found.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}

/// The repository that this test is a part of.
enum Repository {
    /// This file is Tests/TidyTests/SourceFile.swift of it.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file of ours: all but generated code and builds.
    static let sources: [SourceFile] = ["Shared", "Services", "Tests"].flatMap(files(below:))

    private static func files(below folder: String) -> [SourceFile] {
        let base = root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
        return (names ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
            // A file that went away between listing and reading is nobody's fault.
            guard let content = try? String(contentsOf: base.appending(path: name), encoding: .utf8)
            else { return nil }
            return SourceFile(path: "\(folder)/\(name)", content: content)
        }
    }
}

/// The findings as a text for a failed expectation, one a line.
func report(_ findings: [Finding]) -> String {
    findings.map(\.description).joined(separator: "\n")
}
