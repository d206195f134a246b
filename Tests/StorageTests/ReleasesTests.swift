import Domain
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
            #expect(releases.allSatisfy { abs($0.publishedAtSeconds - nowSeconds) < 600 })
            for name in ["first", "second", "first"] {
                try await store.activate(name: name, author: "test", deadline: nil)
                releases = try await store.releases(deadline: nil)
                #expect(releases.filter(\.isActive).map(\.name) == [name])
            }
        }
    }

    @Test("a rollback goes back to the release before, and once more further back")
    func rollback() async throws {
        try await withStore { store in
            for name in ["a", "b", "c"] {
                try await store.publish(
                    name: name, manifestSHA256: hash, manifestJSON: "{}", deadline: nil)
            }
            #expect(try await store.activeRelease(deadline: nil) == nil)
            let early = await storageError {
                try await store.rollback(author: "", deadline: nil)
            }
            #expect(early?.code == .failedPrecondition)
            for (name, previous) in [("a", nil), ("b", "a"), ("b", "b"), ("c", "b")] {
                let change = try await store.activate(name: name, author: "me", deadline: nil)
                #expect(change == ReleaseChange(active: name, previous: previous))
            }
            #expect(
                try await store.rollback(author: "you", deadline: nil)
                    == ReleaseChange(active: "b", previous: "c"))
            #expect(
                try await store.rollback(author: "you", deadline: nil)
                    == ReleaseChange(active: "a", previous: "b"))
            let late = await storageError {
                try await store.rollback(author: "", deadline: nil)
            }
            #expect(late?.code == .failedPrecondition)
            #expect(try await store.activeRelease(deadline: nil) == "a")
            let history = try await store.activations(count: 9, deadline: nil)
            #expect(history.map(\.name) == ["a", "b", "c", "b", "a"])
            #expect(history.map(\.isRollback) == [true, true, false, false, false])
            #expect(history.map(\.author) == ["you", "you", "me", "me", "me"])
            #expect(history.allSatisfy { abs($0.activatedAtSeconds - nowSeconds) < 600 })
            // The name comes with the readings that a request makes anyway.
            let items = try await store.items(ids: [], deadline: nil)
            let user = try await store.history(userID: "u", count: 1, deadline: nil)
            // With its identity, which another manifest of the same name does not share.
            let reference = ReleaseReference(name: "a", manifestSHA256: hash).description
            #expect(items.activeRelease == reference)
            #expect(user.activeRelease == reference)
        }
    }

    @Test("an activation that is only for a first time changes nothing later")
    func onlyIfNone() async throws {
        try await withStore { store in
            for name in ["a", "b"] {
                try await store.publish(
                    name: name, manifestSHA256: hash, manifestJSON: "{}", deadline: nil)
            }
            for (name, expected) in [
                ("a", ReleaseChange(active: "a", previous: nil)),
                ("b", ReleaseChange(active: "a", previous: "a")),
            ] {
                let change = try await store.activate(
                    name: name, author: "me", onlyIfNone: true, deadline: nil)
                #expect(change == expected)
            }
            #expect(try await store.activeRelease(deadline: nil) == "a")
            #expect(try await store.activations(count: 9, deadline: nil).count == 1)
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
