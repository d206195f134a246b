import Storage
import Testing

@Suite("the catalog keeps releases", .timeLimit(.minutes(2)))
struct ReleasesTests {
    private let hash = [UInt8](repeating: 7, count: 32)

    @Test("a release is published once, activated by name, and listed")
    func publishAndActivate() async throws {
        try await withStore { store in
            let manifest = "{\"b\": 1,  \"a\": \"☃\"}"
            for name in ["first", "second", "first"] {
                try await store.publish(
                    name: name, manifestSHA256: hash, manifestJSON: manifest, deadline: nil)
            }
            var releases = try await store.releases(deadline: nil)
            #expect(Set(releases.map(\.name)) == ["first", "second"])
            #expect(releases.allSatisfy { !$0.isActive && $0.manifestSHA256 == hash })
            #expect(releases.allSatisfy { $0.manifestJSON == manifest })
            #expect(releases.allSatisfy { abs($0.publishedAtSeconds - nowSeconds) < 600 })
            for name in ["first", "second", "first"] {
                try await store.activate(name: name, author: "test", deadline: nil)
                releases = try await store.releases(deadline: nil)
                #expect(releases.filter(\.isActive).map(\.name) == [name])
            }
        }
    }

    @Test("a name is not given to another manifest")
    func takenName() async throws {
        try await withStore { store in
            try await store.publish(
                name: "r", manifestSHA256: hash, manifestJSON: "{}", deadline: nil)
            let error = await storageError {
                try await store.publish(
                    name: "r", manifestSHA256: hash.map { $0 + 1 }, manifestJSON: "{}",
                    deadline: nil)
            }
            #expect(error?.code == .alreadyExists)
        }
    }

    @Test("an unknown release is not activated")
    func unknownRelease() async throws {
        try await withStore { store in
            let error = await storageError {
                try await store.activate(name: "r", author: "", deadline: nil)
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test("a hash of another length, a manifest too large or no JSON is refused")
    func wrongManifests() async throws {
        let largest = CatalogLimits.maximumManifestBytes
        try await withStore { store in
            try await store.publish(
                name: "largest", manifestSHA256: hash,
                manifestJSON: "\"" + String(repeating: "x", count: largest - 2) + "\"",
                deadline: nil)
            let wrong: [([UInt8], String)] = [
                (Array(hash.dropLast()), "{}"), (hash, "{"),
                (hash, "\"" + String(repeating: "x", count: largest - 1) + "\""),
            ]
            for (hash, manifest) in wrong {
                let error = await storageError {
                    try await store.publish(
                        name: "r", manifestSHA256: hash, manifestJSON: manifest, deadline: nil)
                }
                #expect(error?.code == .invalidArgument)
            }
        }
    }
}
