import Domain
import Wire

/// Published releases for people and for programs.
struct ReleaseListRendering {
    let releases: [StoredRelease]
    /// SHA-256 of the manifests of those that the gateway has loaded.
    let loaded: Set<[UInt8]>

    /// `{releases: [{name, manifest_sha256, active, loaded, published_at_seconds}]}`.
    var json: JSONValue {
        .object([
            .init(
                "releases",
                .array(
                    releases.map { release in
                        .object([
                            .init("name", .string(release.name)),
                            .init("manifest_sha256", .string(release.manifestSHA256.hexadecimal)),
                            .init("active", .bool(release.active)),
                            .init("loaded", .bool(loaded.contains(release.manifestSHA256))),
                            .init("published_at_seconds", .integer(release.publishedAtSeconds)),
                        ])
                    }))
        ])
    }

    /// A table: `active` answers, `loaded` may be activated, `published` is known, no more.
    func text(in terminal: Terminal = .none) -> String {
        guard !releases.isEmpty else { return "No release is published." }
        var table = TextTable([
            .left("Name"), .left("State"), .left("Published (UTC)"),
            .left("Manifest SHA-256", shrinks: true),
        ])
        for release in releases {
            table.add([
                release.name, state(of: release), Figures.time(release.publishedAtSeconds),
                release.manifestSHA256.hexadecimal,
            ])
        }
        return table.text(in: terminal)
    }

    private func state(of release: StoredRelease) -> String {
        let isLoaded = loaded.contains(release.manifestSHA256)
        if release.active { return isLoaded ? "active" : "active, not loaded" }
        return isLoaded ? "loaded" : "published, not loaded"
    }
}
