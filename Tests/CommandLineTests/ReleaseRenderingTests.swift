import Domain
import Releases
import Testing
import Wire

@testable import llara

@Suite("Rendering of releases, items and health")
struct ReleaseRenderingTests {
    /// The release that is shipped with the repository.
    private func shipped() throws -> Release {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return try Release(directory: "/\(root)/Deploy/releases/movielens-100k")
    }

    @Test("a release folder is shown with its hash, its parts and its training record")
    func folder() throws {
        let release = try shipped()
        let text = ReleaseRendering.text(release)
        #expect(text.hasPrefix("Verified: "))
        #expect(text.contains("Manifest SHA-256  \(release.manifestSHA256.hexadecimal)\n"))
        #expect(text.contains("Trained on        movielens-100k, split "))
        let json = ReleaseRendering.json(release)
        #expect(json["item_count"] == .integer(Int64(release.vocabulary.count)))
        #expect(json["training"]?["split"] == .string(release.manifest.training.split))
        #expect(json["llm"]?["sha256"] == .string(release.manifest.llm.sha256.hexadecimal))
    }

    @Test("published releases are listed, each with whether it answers, may, or must be loaded")
    func list() {
        func stored(_ name: String, _ byte: UInt8, active: Bool = false) -> StoredRelease {
            StoredRelease(
                name: name, manifestSHA256: Array(repeating: byte, count: 32), active: active,
                publishedAtSeconds: 951_782_400)
        }
        let hash = { (byte: UInt8) in Array(repeating: byte, count: 32) }
        let rendering = ReleaseListRendering(
            releases: [stored("r", 1, active: true), stored("older", 2), stored("new", 3)],
            loaded: [hash(1), hash(2)])
        let lines = rendering.text().split(separator: "\n")
        #expect(
            lines[1] == "r      active                 2000-02-29 00:00  "
                + String(repeating: "01", count: 32))
        #expect(lines[2].contains(" loaded  "))
        #expect(lines[3].contains(" published, not loaded  "))
        let away = ReleaseListRendering(releases: [stored("r", 1, active: true)], loaded: [])
        #expect(away.text().contains("active, not loaded"))
        #expect(
            away.json["releases"]?.text().contains(#""active":true,"loaded":false"#) == true)
        let none = ReleaseListRendering(releases: [], loaded: [])
        #expect(none.text() == "No release is published.")
        #expect(none.json.text() == #"{"releases":[]}"#)
    }

    @Test("items are listed with attributes, state and expiry")
    func items() {
        let response = ItemsResponse(
            items: [
                CatalogItem(
                    id: "1", title: "Toy Story",
                    attributes: [
                        KeyValue(key: "year", value: "1995"), KeyValue(key: "a", value: "b"),
                    ], state: .hidden, expiresAtSeconds: 951_782_400, version: 6)
            ], catalogVersion: 9)
        #expect(
            CatalogRendering.text(response) == """
                Id  Title      Attributes      State   Expires (UTC)     Version
                1   Toy Story  year=1995, a=b  hidden  2000-02-29 00:00        6
                Catalog version 9
                """)
        #expect(
            CatalogRendering.json(response).text()
                == #"{"items":[{"id":"1","title":"Toy Story","attributes":{"year":"1995","a":"b"},"#
                + #""state":"hidden","expires_at_seconds":951782400,"version":6}],"#
                + #""catalog_version":9}"#)
        #expect(CatalogRendering.text(ItemsResponse()) == "No such item.\nCatalog version 0")
    }

    @Test("the result of a write says how to be sure to see it")
    func writes() {
        let response = WriteResponse(version: 5, changedCount: 2)
        #expect(CatalogRendering.text(response).contains("--min-version 5"))
        #expect(
            CatalogRendering.json(response).text()
                == #"{"version":5,"changed_count":2,"replayed":false}"#)
    }
}
