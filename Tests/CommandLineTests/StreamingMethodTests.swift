import Foundation
import Testing

@testable import llara

@Suite("Streaming methods") struct StreamingMethodTests {
    @Test("call streams exactly the methods that the .proto files say stream")
    func methods() throws {
        let folder = URL(filePath: "\(ServiceFleet.root)/Proto/llara/v1")
        var streaming: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            for block in text.components(separatedBy: "\nservice ").dropFirst() {
                let service = block.prefix { $0.isLetter }
                for match in block.matches(of: #/rpc (?<name>\w+)\(\w+\) returns \(stream /#) {
                    streaming.insert("\(service)/\(match.output.name)")
                }
            }
        }
        #expect(!streaming.isEmpty)
        let known = try CallRendering.methodNames.filter {
            try CallRendering.target($0).isStreaming
        }
        #expect(Set(known) == streaming)
    }
}
