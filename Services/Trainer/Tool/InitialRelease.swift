import Domain
import Releases
import Torch
import TrainingModels

/// The hybrid release whose adapter and projector a run starts from.
struct InitialRelease {
    let release: Release

    /// Opens it and checks that a run can go on from it.
    init(
        _ directory: String, inputs: HybridInputs, llm: ReleaseManifest.LanguageModel,
        recipe: HybridRecipe
    ) throws {
        release = try Release(directory: directory)
        let fault = Self.fault(
            of: release.manifest, encoder: inputs.release.manifest.encoder.sha256,
            split: inputs.splitSHA256, llm: llm.sha256, recipe: recipe)
        if let fault {
            throw TrainingFailure(description: "--initial \(directory) \(fault)")
        }
    }

    /// Why a run cannot go on from a release: another recommender, whose space its projector was
    /// made for, another LLM, or other rows, among which evaluation's may be.
    static func fault(
        of manifest: ReleaseManifest, encoder: [UInt8], split: [UInt8], llm: [UInt8],
        recipe: HybridRecipe
    ) -> String? {
        guard manifest.defaultAdapter != nil else {
            return "has no adapter; next: a release of llara-train hybrid, or leave it out"
        }
        guard manifest.encoder.sha256 == encoder else {
            return "has another encoder than --release; next: --release with the recommender "
                + "that it was trained on, or with its own folder"
        }
        guard manifest.training.splitSHA256 == split else {
            return "was trained on other rows; next: the data set and split that it was trained on"
        }
        guard manifest.llm.sha256 == llm else {
            return "was trained on another LLM; next: --llm with \(manifest.llm.name)"
        }
        guard manifest.projector != nil, recipe.hasProjector,
            manifest.usesUserState != recipe.hasUserState
        else { return nil }
        return recipe.hasUserState
            ? "has no user state; next: --no-user-state" : "has a user state; next: --user-state"
    }

    /// Its adapter, with the dropout of training.
    func adapter(shape: LlamaShape, library: TorchLibrary) throws -> LoRAAdapter? {
        guard let adapter = release.manifest.defaultAdapter else { return nil }
        return try LoRAAdapter.read(
            from: release.path(of: adapter.file), shape: shape,
            dropout: LoRAAdapter.Options().dropout, library: library)
    }

    /// Its projector; nil where it has none, and a new one starts as the recipe says.
    func projector(
        _ recipe: HybridRecipe, library: TorchLibrary, device: Tensor.Device
    ) throws -> ProjectorNetwork? {
        guard let projector = release.manifest.projector else { return nil }
        return try ProjectorNetwork.read(
            from: release.path(of: projector.file), roles: recipe.projectorRoles,
            library: library, device: device)
    }

    /// What the training record of the next release says of it.
    var record: [String: String] {
        var record = [
            "initial_release": release.manifest.name,
            "initial_manifest_sha256": release.manifestSHA256.hexadecimal,
        ]
        for (key, value) in release.manifest.training.recipe where !key.hasPrefix("encoder_") {
            record["initial_\(key)"] = value
        }
        return record
    }
}
