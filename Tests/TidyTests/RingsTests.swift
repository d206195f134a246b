import Testing

@Suite("Rings") struct RingsTests {
    private func findings(_ path: String, _ content: String) -> [Finding] {
        Rings.findings(in: SourceFile(path: path, content: content))
    }

    @Test("every import of the sources keeps the rings")
    func repository() {
        let sources = Repository.sources.filter { !$0.path.hasPrefix("Tests/") }
        #expect(!sources.isEmpty)
        let found = sources.flatMap(Rings.findings(in:))
        #expect(found.isEmpty, "\(report(found))")
    }

    @Test(
        "an import against the rings is found",
        arguments: [
            ("Shared/Domain/A.swift", "import Foundation"),
            ("Services/Ranker/Core/A.swift", "internal import FoundationEssentials"),
            ("Services/Ranker/Core/A.swift", "import GatewayCore"),
            ("Services/Gateway/Core/A.swift", "public import RPC"),
            ("Services/Gateway/Core/A.swift", "import Logging"),
            ("Shared/Wire/A.swift", "import RPC"),
            ("Shared/Storage/A.swift", "import CLibPQ"),
            ("Shared/Torch/A.swift", "@preconcurrency import CLlama"),
            ("Shared/ServiceKit/A.swift", "internal import NIOCore"),
            ("Shared/RPC/A.swift", "import struct Wire.RankRequest"),
            ("Services/Gateway/Service/A.swift", "import llara_ranker"),
            ("Services/Gateway/Elsewhere/A.swift", ""),
        ])
    func against(path: String, content: String) {
        #expect(findings(path, content).count == 1)
    }

    @Test(
        "an import that keeps the rings is not found",
        arguments: [
            ("Services/Ranker/Core/A.swift", "public import Domain"),
            ("Shared/Domain/A.swift", "private import Glibc"),
            ("Shared/Llama/A.swift", "import CGGML\nimport RankerCore"),
            ("Shared/ServiceKit/A.swift", "public import ServiceAPI\nimport Foundation"),
            ("Shared/Domain/A.swift", "// import Foundation\nlet a = \"\"\"\nimport RPC\n\"\"\""),
        ])
    func within(path: String, content: String) {
        #expect(findings(path, content).isEmpty)
    }
}
