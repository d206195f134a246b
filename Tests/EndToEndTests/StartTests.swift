import Domain
import Foundation
import Logging
import RPC
import Releases
import ServiceAPI
import ServiceKit
import TestSupport
import Testing
import Wire

@testable import llara_gateway
@testable import llara_ranker

@Suite("A service at its start")
struct StartTests {
    let logger = Logger(label: "start") { _ in SwiftLogNoOpLogHandler() }

    @Test("does not need the database: the gateway answers UNAVAILABLE until it is there")
    func databaseAway() async throws {
        let release = try RandomRelease(itemIDs: ServiceCluster.itemIDs).release
        defer { try? FileManager.default.removeItem(atPath: release.directory) }
        let settings = ServiceSettings(
            service: "gateway",
            values: GatewayConfiguration.defaults.merging([
                "database": "postgresql:///nowhere?host=\(release.directory)",
                "release": release.directory,
            ]) { $1 })
        let app = try GatewayApp(
            configuration: GatewayConfiguration(settings), logger: logger)
        let gateway = GatewayClient(InProcessTransport(router: app.parts.router))
        await #expect {
            try await gateway.recommend(
                RecommendRequest(userID: "1"), options: CallOptions(timeout: .seconds(60)))
        } throws: { ($0 as? RPCError)?.code == .unavailable }
    }

    @Test("refuses an LLM whose hash is not the release's, and names both")
    func otherModel() async throws {
        let release = try RandomRelease(itemIDs: ServiceCluster.itemIDs).release
        defer { try? FileManager.default.removeItem(atPath: release.directory) }
        let file = release.path(of: "encoder.gguf")
        let settings = ServiceSettings(
            service: "ranker",
            values: ["release": release.directory, "model": file, "threads": "1"])
        await #expect {
            _ = try await RankerApp(configuration: RankerConfiguration(settings), logger: logger)
        } throws: { error in
            "\(error)".contains(file) && "\(error)".contains(RealModel.sha256.hexadecimal)
        }
    }

    @Test("refuses a release one byte of which has changed")
    func changedRelease() async throws {
        let release = try RandomRelease(itemIDs: ServiceCluster.itemIDs).release
        defer { try? FileManager.default.removeItem(atPath: release.directory) }
        let path = release.path(of: "projector.gguf")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        let settings = ServiceSettings(
            service: "gateway",
            values: GatewayConfiguration.defaults.merging([
                "database": "postgresql:///nowhere", "release": release.directory,
            ]) { $1 })
        #expect {
            _ = try GatewayApp(configuration: GatewayConfiguration(settings), logger: logger)
        } throws: { "\($0)".contains("projector.gguf") }
    }
}
