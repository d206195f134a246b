import Foundation
import Testing

/// What may stand at the top of the repository.
struct Layout {
    static let entries: Set<String> = [
        "Package.swift", "README.md", "Services", "Shared", "Proto", "Tests", "Deploy",
    ]
    /// Written by tools and ignored by git.
    static let ignored: Set<String> = ["Package.resolved"]

    static func unexpected(_ names: [String]) -> [String] {
        names.filter { !$0.hasPrefix(".") && !entries.contains($0) && !ignored.contains($0) }
    }

    static func missing(_ names: [String]) -> [String] {
        entries.subtracting(names).sorted()
    }
}

@Suite("Layout") struct LayoutTests {
    @Test("the top level holds what it always holds, and nothing else")
    func repository() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path)
        #expect(Layout.unexpected(names) == [])
        #expect(Layout.missing(names) == [])
    }

    @Test("a new entry and a lost one are found")
    func rule() {
        let names = Layout.entries.sorted() + ["Package.resolved", ".gitignore"]
        #expect(Layout.unexpected(names) == [])
        #expect(Layout.missing(names) == [])
        #expect(Layout.unexpected(names + ["Utilities"]) == ["Utilities"])
        #expect(Layout.missing(names.filter { $0 != "Proto" }) == ["Proto"])
    }
}
