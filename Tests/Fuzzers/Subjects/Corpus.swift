import Foundation
import Wire

extension FuzzSubject {
    /// Tests/Fuzzers/Corpus; this file is Tests/Fuzzers/Subjects/Corpus.swift.
    private static let corpus = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Corpus")

    /// Where one of the subject's inputs lies.
    public func path(of input: String) -> String {
        Self.corpus.appending(path: "\(name)/\(input)").path
    }

    /// The subject's inputs by their names, in order.
    public func inputs() throws -> [(name: String, bytes: [UInt8])] {
        let folder = Self.corpus.appending(path: name)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
            ($0, Array(try Data(contentsOf: folder.appending(path: $0))))
        }
    }

    /// Writes a seed for every kind of message that has none of that name.
    public static func writeMessageSeeds() throws {
        let folder = corpus.appending(path: messages.name)
        for (index, kind) in messageKinds.enumerated() {
            var generator = BodyGenerator(seed: UInt64(index))
            let input = messageInput(kind: index, body: generator.body(of: MessageSchema(of: kind)))
            try Data(input).write(to: folder.appending(path: "seed-\(kind)"))
        }
    }
}
