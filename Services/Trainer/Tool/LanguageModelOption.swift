import Foundation
import ReleaseModels
import Releases

/// The LLM that a release is for: the shipped one, or a GGUF file of the user's.
enum LanguageModelOption {
    /// SmolLM2-135M-Instruct in Q8_0, as the bootstrap makes it.
    static let standard = ReleaseManifest.LanguageModel(
        name: "SmolLM2-135M-Instruct-Q8_0",
        sha256: [
            0x7b, 0x46, 0x60, 0x9d, 0x11, 0x70, 0x3c, 0x05,
            0x83, 0x97, 0xe5, 0xcf, 0xe4, 0xcc, 0x6e, 0x4b,
            0x25, 0x08, 0xcb, 0x1e, 0xb4, 0xc8, 0x0d, 0xdc,
            0x47, 0x2a, 0x5d, 0x42, 0x1f, 0xbd, 0xb5, 0x08,
        ],
        embeddingDimension: 576, vocabularySize: 49_152)

    /// The shipped model's file: in `LLARA_PREFIX`, or in a `.prefix` above the executable or the
    /// working directory.
    static func locate() throws -> String {
        let name = "models/\(standard.name).gguf"
        let files = FileManager.default
        let environment = ProcessInfo.processInfo.environment
        var candidates = environment["LLARA_PREFIX"].map { ["\($0)/\(name)"] } ?? []
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for start in [executable, URL(fileURLWithPath: files.currentDirectoryPath)] {
            var folder = start
            while folder.path != "/" {
                candidates.append(folder.appendingPathComponent(".prefix/\(name)").path)
                folder.deleteLastPathComponent()
            }
        }
        guard let found = candidates.first(where: files.isReadableFile(atPath:)) else {
            throw TrainingFailure(
                description: "no \(name) in LLARA_PREFIX or in a .prefix above here; next: "
                    + "Deploy/bootstrap, or --llm FILE")
        }
        return found
    }

    /// Describes the model in `path`: name, hash, width and vocabulary.
    static func read(_ path: String) throws -> ReleaseManifest.LanguageModel {
        try LanguageModelFile(path: path).model
    }
}
