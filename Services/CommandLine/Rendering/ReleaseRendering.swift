import Domain
import Releases
import Wire

/// Releases for people and for programs.
enum ReleaseRendering {
    /// `{releases: [{name, manifest_sha256, active, published_at_seconds}]}`.
    static func json(_ response: ListReleasesResponse) -> JSONValue {
        .object([
            .init(
                "releases",
                .array(
                    response.releases.map { release in
                        .object([
                            .init("name", .string(release.name)),
                            .init("manifest_sha256", .string(release.manifestSHA256.hexadecimal)),
                            .init("active", .bool(release.active)),
                            .init("published_at_seconds", .integer(release.publishedAtSeconds)),
                        ])
                    }))
        ])
    }

    /// A table, the active release marked.
    static func text(_ response: ListReleasesResponse) -> String {
        guard !response.releases.isEmpty else { return "No release is published." }
        var table = TextTable([
            .left("Name"), .left("Active"), .left("Published (UTC)"), .left("Manifest SHA-256"),
        ])
        for release in response.releases {
            table.add([
                release.name, release.active ? "yes" : "",
                Figures.time(release.publishedAtSeconds), release.manifestSHA256.hexadecimal,
            ])
        }
        return table.text
    }

    /// A verified folder: the manifest's facts with the folder and the manifest's own hash.
    static func json(_ release: Release) -> JSONValue {
        .object(
            [.init("directory", .string(release.directory))]
                + facts(of: release).map { .init($0.key, $0.json) })
    }

    /// The same facts for people; says that every file was verified.
    static func text(_ release: Release) -> String {
        let facts = facts(of: release)
        let width = facts.map(\.label.count).max() ?? 0
        return "Verified: every file has the size and SHA-256 that the manifest states.\n"
            + facts.map { fact in
                fact.label + String(repeating: " ", count: width + 2 - fact.label.count)
                    + DisplayText.line(fact.text)
            }.joined(separator: "\n")
    }

    private struct Fact {
        let label: String
        let key: String
        let text: String
        let json: JSONValue

        init(_ label: String, _ key: String, _ text: String, _ json: JSONValue? = nil) {
            self.label = label
            self.key = key
            self.text = text
            self.json = json ?? .string(text)
        }
    }

    private static func facts(of release: Release) -> [Fact] {
        let manifest = release.manifest
        let encoder = manifest.encoder
        let training = manifest.training
        let adapters = manifest.adapters.map(\.name)
        let metrics = training.metrics.sorted { $0.key < $1.key }
        let recipe = training.recipe.sorted { $0.key < $1.key }
        return [
            Fact("Name", "name", manifest.name),
            Fact("Manifest SHA-256", "manifest_sha256", release.manifestSHA256.hexadecimal),
            Fact("Representation", "representation", manifest.representation.rawValue),
            Fact("Domain", "domain", manifest.domain),
            Fact(
                "Encoder", "encoder",
                "\(encoder.model), \(encoder.dimension) floats, window \(encoder.window), "
                    + "\(encoder.itemCount) items"),
            Fact(
                "Projector", "projector",
                manifest.projector.map { "\($0.input) to \($0.hidden) to \($0.output) floats" }
                    ?? "none"),
            Fact(
                "LLM", "llm",
                "\(manifest.llm.name), \(manifest.llm.embeddingDimension) floats, "
                    + "\(manifest.llm.vocabularySize) tokens"),
            Fact("LLM SHA-256", "llm_sha256", manifest.llm.sha256.hexadecimal),
            Fact(
                "Adapters", "adapters",
                adapters.isEmpty ? "none" : adapters.joined(separator: ", "),
                .array(adapters.map(JSONValue.string))),
            Fact(
                "Vocabulary", "item_count", "\(manifest.vocabulary.itemCount) items",
                .integer(Int64(manifest.vocabulary.itemCount))),
            Fact(
                "Fusion", "fusion",
                "\(Figures.decimal(manifest.fusion.llm, 3)) LLM, "
                    + "\(Figures.decimal(manifest.fusion.srs, 3)) SRS",
                .object([
                    .init("llm", .number(manifest.fusion.llm)),
                    .init("srs", .number(manifest.fusion.srs)),
                ])),
            Fact("Trained on", "dataset", "\(training.dataset), split \(training.split)"),
            Fact("Split SHA-256", "split_sha256", training.splitSHA256.hexadecimal),
            Fact("Seed", "seed", "\(training.seed)", .unsigned(training.seed)),
            Fact("Created", "created", training.created),
            Fact(
                "Recipe", "recipe", recipe.map { "\($0.key)=\($0.value)" }.joined(separator: ", "),
                .object(recipe.map { .init($0.key, .string($0.value)) })),
            Fact(
                "Metrics", "metrics",
                metrics.map { "\($0.key) \(Figures.decimal($0.value, 4))" }
                    .joined(separator: ", "),
                .object(metrics.map { .init($0.key, .number($0.value)) })),
        ]
    }
}
