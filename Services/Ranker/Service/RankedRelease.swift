import Domain
import Llama
import RPC
import Releases
import ServiceAPI
import ServiceKit

/// A release as the ranker serves it: its adapters by the names that the engine knows.
///
/// The engine names an adapter by its file's SHA-256, so that two releases may each have a
/// "default", and one file in two releases is loaded once.
struct RankedRelease: LoadedRelease {
    let release: Release

    /// Every adapter of `releases`, each file once.
    static func adapterFiles(of releases: [Release]) -> [LlamaModel.AdapterFile] {
        var names: Set<String> = []
        return releases.flatMap { release in
            release.manifest.adapters.map { ($0.sha256.hexadecimal, release.path(of: $0.file)) }
        }.filter { names.insert($0.0).inserted }
            .map { LlamaModel.AdapterFile(name: $0.0, path: $0.1) }
    }

    /// The engine's name of the adapter that a request asks for.
    ///
    /// An empty name means the release's default adapter, or none when it has no such.
    ///
    /// - Throws: NOT_FOUND listing the release's adapters.
    func engineAdapter(named asked: String) throws(RPCError) -> String {
        let adapters = release.manifest.adapters
        let name = asked.isEmpty ? ReleaseManifest.Adapter.defaultName : asked
        if let adapter = adapters.first(where: { $0.name == name }) {
            return adapter.sha256.hexadecimal
        }
        guard !asked.isEmpty else { return "" }
        let served = adapters.map(\.name).sorted().joined(separator: ", ")
        throw RPCError(
            code: .notFound,
            message: "adapter: release \(release.reference) has "
                + (served.isEmpty ? "none; leave the field empty" : "\(served)"),
            details: [.fieldViolation(field: "adapter", message: asked)])
    }
}
