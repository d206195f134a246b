import Foundation
import Logging
import RPC
import Releases
import ServiceKit
import Synchronization
import TestSupport

@testable import llara_encoder
@testable import llara_projector
@testable import llara_ranker

/// Encoder, projector and ranker, loaded once for all tests of the process.
///
/// Loading the LLM takes longer than most tests. What a test may break, servers and gateway, is its
/// own.
struct SharedServices: Sendable {
    /// Releases of the same items with different weights.
    enum Name: String, CaseIterable {
        case first, second
        /// The ranker has not loaded it.
        case third
        /// Nor this one, whose window is longer than a stored history that is read.
        case long
        /// With adapter and user state.
        case complete
    }

    private let releases: [Name: Release]
    let encoder: RPCRouter
    let projector: RPCRouter
    let ranker: RPCRouter

    /// The services, loaded at the first use.
    static var shared: SharedServices {
        get async throws { try await loading.value }
    }

    subscript(name: Name) -> Release {
        guard let release = releases[name] else { preconditionFailure("every name has a release") }
        return release
    }

    private static let loading = Task { try await SharedServices() }

    private init() async throws {
        var releases: [Name: Release] = [:]
        for (index, name) in Name.allCases.enumerated() {
            releases[name] = try RandomRelease(
                itemIDs: ServiceCluster.itemIDs, seed: UInt64(index + 1), name: name.rawValue,
                isComplete: name == .complete, window: name == .long ? 1_200 : 10
            ).release
        }
        self.releases = releases
        FoldersOfProcess.removeAtExit(releases.values.map(\.directory))
        let logger = Logger(label: "shared") { _ in SwiftLogNoOpLogHandler() }
        func folders(_ names: [Name]) -> String {
            names.compactMap { releases[$0]?.directory }.joined(separator: ",")
        }
        let settings = [
            "release": folders(Name.allCases), "threads": "1", "maximum-waiting": "256",
        ]
        encoder = try await EncoderApp(
            configuration: EncoderConfiguration(
                ServiceSettings(service: "encoder", values: settings)),
            probe: ModelProbe(executable: builtExecutable("llara-encoder")), logger: logger
        ).parts.router
        projector = try await ProjectorApp(
            configuration: ProjectorConfiguration(
                ServiceSettings(service: "projector", values: settings)),
            probe: ModelProbe(executable: builtExecutable("llara-projector")), logger: logger
        ).parts.router
        ranker = try await RankerApp(
            configuration: RankerConfiguration(
                ServiceSettings(
                    service: "ranker",
                    values: [
                        "release": folders([.first, .second, .complete]),
                        "model": RealModel.path, "threads": "2",
                    ])),
            probe: ModelProbe(executable: builtExecutable("llara-ranker")), logger: logger
        ).parts.router
    }
}

/// Folders that last as long as the test process.
private enum FoldersOfProcess {
    private static let folders = Mutex<[String]>([])

    static func removeAtExit(_ paths: [String]) {
        folders.withLock { $0 += paths }
        atexit {
            for path in FoldersOfProcess.folders.withLock({ $0 }) {
                try? FileManager.default.removeItem(atPath: path)
            }
        }
    }
}
