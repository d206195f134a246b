import Foundation
import Testing

@testable import Releases

@Suite("Limits of releases")
struct ReleaseLimitsTests {
    /// A manifest with hashes, as it stands in a folder.
    private func manifest() -> ReleaseManifest {
        let digest = [UInt8](repeating: 7, count: 32)
        var manifest = ReleaseFixture.manifest()
        manifest.encoder.sha256 = digest
        manifest.projector?.sha256 = digest
        manifest.vocabulary.sha256 = digest
        manifest.adapters = []
        return manifest
    }

    private func code(
        _ change: (inout ReleaseManifest) -> Void
    ) throws -> ReleaseError.Code? {
        var manifest = manifest()
        change(&manifest)
        let bytes = try manifest.encoded()
        do {
            _ = try ReleaseManifest(encoded: bytes)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a name at the limit is safe, a byte more is refused")
    func names() throws {
        let longest = String(repeating: "n", count: ReleaseLimits.maximumNameBytes)
        #expect(ReleaseLimits.isSafeName(longest))
        #expect(!ReleaseLimits.isSafeName(longest + "n"))
        #expect(try code { $0.name = longest } == nil)
        #expect(try code { $0.name = longest + "n" } == .unsafeName)
    }

    @Test("adapters at the limit are read, one more is refused")
    func adapters() throws {
        func adapters(_ count: Int) -> [ReleaseManifest.Adapter] {
            (0..<count).map {
                .init(
                    name: "a\($0)", file: "a\($0).gguf",
                    sha256: [UInt8](repeating: 1, count: 32))
            }
        }
        #expect(try code { $0.adapters = adapters(ReleaseLimits.maximumAdapters) } == nil)
        #expect(
            try code { $0.adapters = adapters(ReleaseLimits.maximumAdapters + 1) } == .tooLarge)
    }

    @Test("widths at the limit are read, one more is refused by its name")
    func dimensions() throws {
        let limit = ReleaseLimits.maximumDimension
        func wide(_ width: Int) -> (inout ReleaseManifest) -> Void {
            {
                $0.encoder.dimension = width
                $0.encoder.window = width
                $0.projector?.input = width
                $0.projector?.hidden = width
                $0.projector?.output = width
                $0.llm.embeddingDimension = width
            }
        }
        #expect(try code(wide(limit)) == nil)
        #expect(try code(wide(limit + 1)) == .malformed)
        #expect(try code { $0.encoder.window = limit + 1 } == .malformed)
        #expect(try code { $0.projector?.hidden = limit + 1 } == .malformed)
    }

    @Test("only the format of this version is read")
    func format() throws {
        #expect(try code { $0.format = ReleaseLimits.format } == nil)
        #expect(try code { $0.format = ReleaseLimits.format + 1 } == .unsupportedFormat)
    }

    @Test("a model file beyond its limit is refused before its hash is computed")
    func modelSize() throws {
        let fixture = try ReleaseFixture()
        try fixture.write()
        let path = "\(fixture.path)/small/encoder.gguf"
        // A hole: no byte of it is on the disk.
        #expect(truncate(path, ReleaseLimits.maximumModelBytes + 1) == 0)
        let error = #expect(throws: ReleaseError.self) {
            try Release(directory: "\(fixture.path)/small")
        }
        #expect(error?.code == .tooLarge)
        #expect(error?.message.contains("encoder.gguf") == true)
        #expect(truncate(path, ReleaseLimits.maximumModelBytes) == 0)
        #expect(throws: Never.self) {
            _ = try ReleaseFile(path: path, maximumBytes: ReleaseLimits.maximumModelBytes)
        }
    }
}
