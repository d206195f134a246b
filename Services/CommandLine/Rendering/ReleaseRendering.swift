import Domain
import Releases
import Wire

/// Releases for people and for programs.
enum ReleaseRendering {
    /// `{active, previous}`; no previous release is null.
    static func json(_ response: ReleaseChangeResponse) -> JSONValue {
        .object([
            .init("active", .string(response.active)),
            .init("previous", response.previous.isEmpty ? .null : .string(response.previous)),
        ])
    }

    /// What answers now, and what did before.
    static func text(_ response: ReleaseChangeResponse) -> String {
        let previous =
            response.previous.isEmpty
            ? "none was before" : "before: \(DisplayText.line(response.previous))"
        return "Active from the next request on: \(DisplayText.line(response.active)) (\(previous))"
    }

    /// `{name, manifest_sha256}` of what was published.
    static func publishedJSON(_ release: Release) -> JSONValue {
        .object([
            .init("name", .string(release.manifest.name)),
            .init("manifest_sha256", .string(release.manifestSHA256.hexadecimal)),
        ])
    }

    /// What was published, and the way from there to answers.
    static func publishedText(_ release: Release) -> String {
        """
        Published: \(release.reference). It answers nothing yet.
        Next: restart encoder, projector, ranker and gateway one by one with
              --release OLD,\(release.directory)
              then: llara release activate \(release.manifest.name)
        """
    }

    /// A verified folder: the manifest's facts with the folder and the manifest's own hash.
    static func json(_ release: Release) -> JSONValue {
        let manifest = release.manifest
        return .object([
            .init("directory", .string(release.directory)),
            .init("name", .string(manifest.name)),
            .init("manifest_sha256", .string(release.manifestSHA256.hexadecimal)),
            .init("representation", .string(manifest.representation.rawValue)),
            .init("domain", .string(manifest.domain)),
            .init(
                "encoder",
                .object([
                    .init("model", .string(manifest.encoder.model)),
                    .init("dimension", .count(manifest.encoder.dimension)),
                    .init("window", .count(manifest.encoder.window)),
                ])),
            .init(
                "projector",
                manifest.projector.map {
                    .object([
                        .init("input", .count($0.input)), .init("hidden", .count($0.hidden)),
                        .init("output", .count($0.output)),
                    ])
                } ?? .null),
            .init(
                "llm",
                .object([
                    .init("name", .string(manifest.llm.name)),
                    .init("sha256", .string(manifest.llm.sha256.hexadecimal)),
                    .init("embedding_dimension", .count(manifest.llm.embeddingDimension)),
                    .init("vocabulary_size", .count(manifest.llm.vocabularySize)),
                ])),
            .init("adapters", .array(manifest.adapters.map { .string($0.name) })),
            .init("user_state", .bool(manifest.usesUserState)),
            .init("item_count", .count(manifest.vocabulary.itemCount)),
            .init(
                "fusion",
                .object([
                    .init("llm", .number(manifest.fusion.llm)),
                    .init("srs", .number(manifest.fusion.srs)),
                ])), .init("training", json(manifest.training)),
        ])
    }

    private static func json(_ training: ReleaseManifest.TrainingRecord) -> JSONValue {
        .object([
            .init("dataset", .string(training.dataset)), .init("split", .string(training.split)),
            .init("split_sha256", .string(training.splitSHA256.hexadecimal)),
            .init("seed", .unsigned(training.seed)),
            .init(
                "recipe",
                .object(
                    training.recipe.sorted { $0.key < $1.key }
                        .map { .init($0.key, .string($0.value)) })),
            .init(
                "metrics",
                .object(
                    training.metrics.sorted { $0.key < $1.key }
                        .map { .init($0.key, .number($0.value)) })),
            .init("created", .string(training.created)),
        ])
    }

    /// The same facts for people; says that every file was verified.
    static func text(_ release: Release, in terminal: Terminal = .none) -> String {
        "Verified: every file has the size and SHA-256 that the manifest states.\n"
            + FactList(facts(of: release)).text(in: terminal)
    }

    private static func facts(of release: Release) -> [(String, String)] {
        let manifest = release.manifest
        let encoder = manifest.encoder
        let training = manifest.training
        let adapters = manifest.adapters.map(\.name).joined(separator: ", ")
        return [
            ("Name", manifest.name), ("Manifest SHA-256", release.manifestSHA256.hexadecimal),
            ("Representation", manifest.representation.rawValue), ("Domain", manifest.domain),
            (
                "Encoder",
                "\(encoder.model), \(encoder.dimension) floats, window \(encoder.window)"
            ),
            (
                "Projector",
                manifest.projector.map { "\($0.input) to \($0.hidden) to \($0.output) floats" }
                    ?? "none"
            ),
            (
                "LLM",
                "\(manifest.llm.name), \(manifest.llm.embeddingDimension) floats, "
                    + "\(manifest.llm.vocabularySize) tokens"
            ), ("LLM SHA-256", manifest.llm.sha256.hexadecimal),
            ("Adapters", adapters.isEmpty ? "none" : adapters),
            ("User state", manifest.usesUserState ? "in the prompt, after the history" : "none"),
            ("Vocabulary", "\(manifest.vocabulary.itemCount) items"),
            (
                "Fusion",
                "\(Figures.decimal(manifest.fusion.llm, 3)) x LLM + "
                    + "\(Figures.decimal(manifest.fusion.srs, 3)) x SRS"
            ), ("Trained on", "\(training.dataset), split \(training.split)"),
            ("Split SHA-256", training.splitSHA256.hexadecimal), ("Seed", "\(training.seed)"),
            ("Created", training.created),
            ("Recipe", list(training.recipe) { $0 }),
            (
                "Metrics",
                list(training.metrics) { JSONValue.number(Figures.rounded($0, 4)).text() }
            ),
        ]
    }

    private static func list<Value>(
        _ values: [String: Value], _ text: (Value) -> String
    ) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(text($0.value))" }
            .joined(separator: ", ")
    }
}

extension JSONValue {
    /// A count.
    fileprivate static func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }
}
