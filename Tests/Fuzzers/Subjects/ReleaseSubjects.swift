import Domain
import Foundation
import GGML
import Releases

extension FuzzSubject {
    /// manifest.json: what is read must be written and read again as the same.
    static let manifest = FuzzSubject(name: "manifest") { bytes in
        guard let manifest = try? ReleaseManifest(encoded: bytes) else { return }
        guard try ReleaseManifest(encoded: manifest.encoded()) == manifest else {
            throw FuzzFinding(description: "the manifest is written as another one")
        }
    }

    /// vocabulary.tsv: there is one way to write one.
    static let vocabulary = FuzzSubject(name: "vocabulary") { bytes in
        guard let vocabulary = try? ItemVocabulary(encoded: bytes) else { return }
        guard vocabulary.encoded() == bytes else {
            throw FuzzFinding(description: "the vocabulary is written as other bytes")
        }
    }

    /// A GGUF file, as the head's walk, the encoder, the projector and the token table read it.
    static let models = FuzzSubject(name: "models") { bytes in
        let path = FileManager.default.temporaryDirectory.appending(path: "llara-\(UUID()).gguf")
            .path
        defer { unlink(path) }
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
            throw FuzzFinding(description: "the input cannot be written to \(path)")
        }
        guard let file = try? GGUFFile(path: path) else { return }
        for tensor in file.tensors.values {
            guard tensor.offset + tensor.byteCount <= bytes.count else {
                throw FuzzFinding(description: "a tensor lies beyond the file's end")
            }
            _ = try? file.values(of: tensor.name, dimensions: tensor.dimensions)
        }
        if let encoder = try? SequentialEncoder(path: path),
            let state = try? encoder.encode(sequences: [[0]]).row(0)
        {
            _ = try? encoder.topK(state: state, count: 1)
        }
        if let projector = try? MLPProjector(path: path) {
            let row = FloatTensor(
                rows: 1, columns: projector.input,
                values: [Float](repeating: 0, count: projector.input))
            for role in projector.roles { _ = try? projector.project(row, role: role) }
        }
        if let table = try? TokenEmbeddingTable(path: path) { _ = table.row(table.count - 1) }
    }
}
