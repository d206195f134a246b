import Domain
import GGML
import ReleaseModels
import Releases
import Wire

/// The checks of a release folder, one after the other; a fault in one leaves the others to run
/// where they do not need it.
struct ReleaseVerification {
    /// How one check ended.
    struct Check {
        enum Outcome: String { case passed, fault, notChecked = "not checked" }

        let name: String
        let outcome: Outcome
        /// What was found, or what is wrong.
        let detail: String
        /// What to do about a fault.
        var advice = ""
    }

    private(set) var checks: [Check] = []
    /// The release, if its files are what the manifest says.
    private(set) var release: Release?

    /// The first fault.
    var fault: Check? { checks.first { $0.outcome == .fault } }

    /// Runs every check of `directory`; with `llm` also those against the LLM's file.
    ///
    /// No engine of the LLM is started: its file and the adapter's are compared by their heads.
    init(directory: String, llm: String?) {
        release = run("files") {
            let opened = try Release(directory: directory)
            return (
                opened,
                "manifest of format \(opened.manifest.format), \(opened.fileCount) files, each "
                    + "with its SHA-256"
            )
        }
        guard let release else {
            for name in ["vocabulary", "encoder", "projector", "adapters", "LLM"] {
                skip(name, "the files are at fault")
            }
            return
        }
        let manifest = release.manifest
        verifyVocabulary(of: release)
        let encoder = run("encoder") { try Self.encoder(of: release) }
        if manifest.projector == nil {
            skip("projector", "the release has none: \(manifest.representation.rawValue) prompts")
        } else {
            run("projector") { try Self.project(release, encoder) }
        }
        verifyLanguageModel(of: release, path: llm)
    }

    /// Compares the vocabulary with the encoder's file, whatever the manifest says of both.
    private mutating func verifyVocabulary(of release: Release) {
        let path = release.path(of: release.manifest.encoder.file)
        guard let rows = try? SequentialEncoder(path: path).itemCount else {
            return skip("vocabulary", "the encoder is at fault")
        }
        run("vocabulary") {
            let count = release.vocabulary.count
            guard count == rows else {
                throw ReleaseError(
                    code: .inconsistent,
                    message: "the vocabulary has \(count) items, the encoder's file \(rows)",
                    advice: "build the release with the vocabulary that the encoder was trained on")
            }
            return "\(count) items, as many as the encoder has"
        }
    }

    private mutating func verifyLanguageModel(of release: Release, path: String?) {
        let adapters = release.manifest.adapters
        guard let path else {
            if adapters.isEmpty {
                skip("adapters", "the release has none")
            } else {
                skip("adapters", "needs --llm FILE")
            }
            return skip("LLM", "needs --llm FILE: \(release.manifest.llm.name)")
        }
        let model = run("LLM") {
            let file = try LanguageModelFile(path: path)
            try file.require(release.manifest.llm)
            return (
                file,
                "\(file.model.name), \(file.model.embeddingDimension) floats, SHA-256 as "
                    + "the manifest says"
            )
        }
        for adapter in adapters {
            guard let model else {
                skip("adapter \(adapter.name)", "the LLM is at fault")
                continue
            }
            run("adapter \(adapter.name)") {
                try model.requireAdapter(path: release.path(of: adapter.file))
                return adapter.name == ReleaseManifest.Adapter.defaultName
                    ? "fits the LLM; ranks unless a request names another" : "fits the LLM"
            }
        }
        if adapters.isEmpty { skip("adapters", "the release has none") }
    }

    /// The encoder, which made a state and scores for one sequence.
    private static func encoder(of release: Release) throws -> (SequentialEncoder, String) {
        let encoder = try SequentialEncoder(release: release)
        let state = try encoder.encode(sequences: [[0]])
        _ = try encoder.topK(state: state.row(0), count: 1)
        guard state.firstNonFinite == nil else {
            throw ReleaseError(code: .inconsistent, message: "a user state is not finite")
        }
        return (
            encoder,
            "\(encoder.configuration.architecture.rawValue), \(encoder.dimension) floats, "
                + "window \(encoder.window), answers a sequence"
        )
    }

    /// What the projector says of itself, after it projected a row in every role.
    private static func project(
        _ release: Release, _ encoder: SequentialEncoder?
    ) throws -> String {
        guard let projector = try MLPProjector(release: release) else { return "none" }
        for role in projector.roles {
            let row =
                try encoder?.itemRows([0])
                ?? FloatTensor(
                    rows: 1, columns: projector.input,
                    values: [Float](repeating: 0, count: projector.input))
            _ = try projector.project(row, role: role)
        }
        return "\(projector.input) to \(projector.output) floats, the LLM's width; projects "
            + projector.roles.joined(separator: " and ")
    }

    private mutating func run(_ name: String, _ check: () throws -> String) {
        _ = run(name) { (true, try check()) }
    }

    @discardableResult
    private mutating func run<Value>(_ name: String, _ check: () throws -> (Value, String))
        -> Value?
    {
        do {
            let (value, detail) = try check()
            checks.append(Check(name: name, outcome: .passed, detail: detail))
            return value
        } catch {
            let failure = CommandError(error)
            checks.append(
                Check(
                    name: name, outcome: .fault, detail: failure.message, advice: failure.advice))
            return nil
        }
    }

    private mutating func skip(_ name: String, _ why: String) {
        checks.append(Check(name: name, outcome: .notChecked, detail: why))
    }
}

extension ReleaseVerification {
    /// A table, one check a line.
    func text(in terminal: Terminal = .none) -> String {
        var table = TextTable([.left("Check"), .left("Result"), .left("Detail", shrinks: true)])
        for check in checks {
            let outcome = check.outcome == .fault ? "FAULT" : check.outcome.rawValue
            table.add([check.name, outcome, check.detail])
        }
        return table.text(in: terminal)
    }

    /// `{release, manifest_sha256, passed, checks: [{name, result, detail}]}`.
    var json: JSONValue {
        .object([
            .init("release", release.map { .string($0.manifest.name) } ?? .null),
            .init(
                "manifest_sha256",
                release.map { .string($0.manifestSHA256.hexadecimal) } ?? .null),
            .init("passed", .bool(fault == nil)),
            .init(
                "checks",
                .array(
                    checks.map {
                        .object([
                            .init("name", .string($0.name)),
                            .init("result", .string($0.outcome.rawValue)),
                            .init("detail", .string($0.detail)),
                        ])
                    })),
        ])
    }
}
