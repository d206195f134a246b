internal import GGML
public import Releases

/// The LLM's GGUF file as a release describes it; its head is read, no engine is started.
public struct LanguageModelFile: Sendable {
    private static let maximumWidth = 1 << 20

    /// Its name, hash and sizes, as a manifest has them.
    public let model: ReleaseManifest.LanguageModel
    private let file: GGUFFile

    /// Reads a file's head and hashes the whole: a second for every few hundred megabytes.
    ///
    /// - Throws: `GGUFError` for a faulty file, `ReleaseError` for one that is no LLM.
    public init(path: String) throws {
        file = try GGUFFile(path: path)
        let architecture = try file.text("general.architecture")
        guard file.metadata["\(architecture).embedding_length"] != nil,
            let table = file.tensors["token_embd.weight"], table.dimensions.count == 2
        else {
            throw ReleaseError(
                code: .malformed, message: "\(path) has no token_embd.weight: it is no LLM",
                advice: "name the GGUF file that the ranker serves")
        }
        let last = path.split(separator: "/").last.map(String.init) ?? path
        model = ReleaseManifest.LanguageModel(
            name: last.hasSuffix(".gguf") ? String(last.dropLast(5)) : last,
            sha256: try sha256(ofFile: path),
            embeddingDimension: try file.count(
                "\(architecture).embedding_length", atMost: Self.maximumWidth),
            vocabularySize: table.dimensions[1])
    }

    /// Compares it with what a release was made for.
    ///
    /// - Throws: `ReleaseError` naming what differs.
    public func require(_ expected: ReleaseManifest.LanguageModel) throws(ReleaseError) {
        guard model.sha256 == expected.sha256 else {
            throw ReleaseError(
                code: .hashMismatch, message: "the LLM's SHA-256 is not the manifest's",
                advice: "the release is for \(expected.name); name that file")
        }
        guard model.embeddingDimension == expected.embeddingDimension,
            model.vocabularySize == expected.vocabularySize
        else {
            throw ReleaseError(
                code: .inconsistent,
                message: "the LLM has \(model.vocabularySize) tokens of width "
                    + "\(model.embeddingDimension); the manifest says "
                    + "\(expected.vocabularySize) and \(expected.embeddingDimension)")
        }
    }

    /// Checks that the LoRA adapter in `path` is one of this LLM: its architecture, and for each
    /// pair of matrices a tensor of the LLM that it fits.
    ///
    /// - Throws: `GGUFError` for a faulty file, `ReleaseError` of code `inconsistent`.
    public func requireAdapter(path: String) throws {
        let adapter = try GGUFFile(path: path)
        func refuse(_ why: String) -> ReleaseError {
            ReleaseError(
                code: .inconsistent, message: "\(path) is no adapter of the LLM: \(why)",
                advice: "train it over this LLM, or name the LLM that it was trained over")
        }
        guard adapter.metadata["general.type"] == .string("adapter"),
            adapter.metadata["adapter.type"] == .string("lora")
        else { throw refuse("it does not say that it is a LoRA adapter") }
        try adapter.requireArchitecture(try file.text("general.architecture"))
        _ = try adapter.number("adapter.lora.alpha")
        let bases = Set(adapter.tensors.keys.map(Self.base)).sorted()
        guard !bases.isEmpty else { throw refuse("it has no tensor") }
        for base in bases {
            guard let down = adapter.tensors["\(base).lora_a"],
                let up = adapter.tensors["\(base).lora_b"]
            else { throw refuse("\(base) lacks lora_a or lora_b") }
            guard let target = file.tensors[base] else { throw refuse("the LLM has no \(base)") }
            // Row lookup takes the token table's adapter the other way round.
            guard base != "token_embd.weight" else { continue }
            guard down.dimensions.count == 2, up.dimensions.count == 2,
                target.dimensions == [down.dimensions[0], up.dimensions[1]],
                down.dimensions[1] == up.dimensions[0]
            else {
                throw refuse(
                    "\(base) has the shape \(target.dimensions), the adapter's matrices "
                        + "\(down.dimensions) and \(up.dimensions)")
            }
        }
    }

    private static func base(_ tensor: String) -> String {
        for suffix in [".lora_a", ".lora_b"] where tensor.hasSuffix(suffix) {
            return String(tensor.dropLast(suffix.count))
        }
        return tensor
    }
}
