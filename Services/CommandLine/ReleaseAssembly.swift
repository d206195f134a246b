import Domain
import FoundationEssentials
import GGML
import ReleaseModels
import Releases

/// Makes a release folder of parts: what the files say of themselves becomes the manifest.
struct ReleaseAssembly {
    /// Weights of the parts of a score where nothing says others.
    static let standardFusion = ReleaseManifest.Fusion(llm: 0.1, srs: 1)

    /// Path of each part; nil takes the part of ``base``, or leaves it out.
    var encoder: String?
    var vocabulary: String?
    var projector: String?
    var adapter: String?
    var llm: String?
    /// A release that gives what is not named: parts, domain, weights, where it comes from.
    var base: Release?
    var name: String
    var representation: Representation?
    var domain: String?
    var llmWeight: Double?
    var srsWeight: Double?
    /// When it is built, ISO 8601.
    var created: String

    /// Writes the release to `output`, whole or not at all.
    ///
    /// - Throws: `CommandError` for a part that is missing, `GGUFError` and `ReleaseError` for
    ///   parts that do not belong together.
    func write(to output: String) throws -> Release {
        let writer = try ReleaseWriter(destination: output)
        do {
            return try writer.finish(try copyParts(with: writer))
        } catch {
            writer.abandon()
            throw error
        }
    }

    private func copyParts(with writer: ReleaseWriter) throws -> ReleaseManifest {
        let languageModel = try llm.map(LanguageModelFile.init(path:))
        guard let model = languageModel?.model ?? base?.manifest.llm else { throw missing("llm") }
        try copy(
            encoder ?? base.map { $0.path(of: $0.manifest.encoder.file) }, "encoder",
            to: writer.path(of: "encoder.gguf"))
        try copy(
            vocabulary ?? base.map { $0.path(of: $0.manifest.vocabulary.file) }, "vocabulary",
            to: writer.path(of: "vocabulary.tsv"))
        let network = try SequentialEncoder(path: writer.path(of: "encoder.gguf"))
        let projection = try copyProjector(with: writer)
        let adapters = try copyAdapters(with: writer, for: languageModel)
        let representation = representation(projection)
        let usesUserState = usesUserState(projection, in: representation)
        let standard = base?.manifest.fusion ?? Self.standardFusion
        return ReleaseManifest(
            name: name,
            representation: representation,
            domain: domain ?? base?.manifest.domain ?? "movie",
            encoder: .init(
                model: network.configuration.architecture.rawValue, dimension: network.dimension,
                window: network.window, itemCount: network.itemCount),
            projector: projection.map {
                .init(input: $0.input, hidden: $0.hidden, output: $0.output)
            }, llm: model, adapters: adapters,
            vocabulary: .init(itemCount: network.itemCount),
            prompt: usesUserState ? .init(userState: true) : nil,
            fusion: .init(llm: llmWeight ?? standard.llm, srs: srsWeight ?? standard.srs),
            training: record)
    }

    private func copyProjector(with writer: ReleaseWriter) throws -> MLPProjector? {
        let inherited = base.flatMap { base in
            base.manifest.projector.map { base.path(of: $0.file) }
        }
        guard let source = projector ?? inherited else { return nil }
        let path = writer.path(of: "projector.gguf")
        try copy(source, "projector", to: path)
        return try MLPProjector(path: path)
    }

    /// The one asked for; else the base's, whose projector it was trained with; else what the parts
    /// allow.
    private func representation(_ projection: MLPProjector?) -> Representation {
        let inherited = projector == nil ? base?.manifest.representation : nil
        return representation ?? inherited ?? (projection == nil ? .text : .hybrid)
    }

    /// As the base was trained, unless another projector says what it was trained for.
    private func usesUserState(
        _ projection: MLPProjector?, in representation: Representation
    ) -> Bool {
        let inherited = projector == nil ? base?.manifest.usesUserState : nil
        return representation.hasBehaviouralTokens
            && inherited ?? (projection?.roles.contains(VectorRole.user.rawValue) == true)
    }

    /// The adapter given becomes the default one; the base's other adapters stay.
    private func copyAdapters(
        with writer: ReleaseWriter, for languageModel: LanguageModelFile?
    ) throws -> [ReleaseManifest.Adapter] {
        var adapters: [ReleaseManifest.Adapter] = []
        func add(_ name: String, _ source: String) throws {
            let isDefault = name == ReleaseManifest.Adapter.defaultName
            let file = isDefault ? "adapter.gguf" : "adapter-\(name).gguf"
            try copy(source, "adapter", to: writer.path(of: file))
            try languageModel?.requireAdapter(path: writer.path(of: file))
            adapters.append(.init(name: name, file: file))
        }
        if adapter != nil, languageModel == nil {
            throw CommandError(
                .badData, "an adapter is compared with the LLM, and no --llm is named",
                advice: "name the GGUF file that it was trained over with --llm")
        }
        if let adapter { try add(ReleaseManifest.Adapter.defaultName, adapter) }
        for inherited in base?.manifest.adapters ?? []
        where !adapters.contains(where: { $0.name == inherited.name }) {
            try add(inherited.name, base?.path(of: inherited.file) ?? "")
        }
        return adapters
    }

    /// The base's record without its figures, which are those of other parts.
    private var record: ReleaseManifest.TrainingRecord {
        let source = base?.manifest.training
        var recipe = source?.recipe ?? [:]
        if let base { recipe["built_from"] = base.reference.description }
        return .init(
            dataset: source?.dataset ?? "not recorded", split: source?.split ?? "not recorded",
            splitSHA256: source?.splitSHA256 ?? [], seed: source?.seed ?? 0, recipe: recipe,
            metrics: [:], created: created)
    }

    private func copy(_ source: String?, _ part: String, to destination: String) throws {
        guard let source else { throw missing(part) }
        // A release holds bytes: neither a link that ends with its target, nor a folder.
        let file = URL(filePath: source).resolvingSymlinksInPath().path
        let type = try? FileManager.default.attributesOfItem(atPath: file)[.type]
        guard type == nil || type as? FileAttributeType == .typeRegular else {
            throw CommandError(
                .badData, "the \(part) \(source) is no regular file", advice: "name a GGUF file")
        }
        do {
            try FileManager.default.copyItem(atPath: file, toPath: destination)
        } catch {
            throw CommandError(
                FileManager.default.isReadableFile(atPath: source) ? .temporary : .notFound,
                "the \(part) \(source) cannot be copied",
                advice: "check that the file exists and that the disk has room for it")
        }
    }

    private func missing(_ part: String) -> CommandError {
        CommandError(
            .badData, "no --\(part) is named",
            advice: "name the file with --\(part), or a release that has it with --from")
    }
}
