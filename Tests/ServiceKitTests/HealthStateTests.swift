import RPC
import ServiceAPI
import Testing
import Wire

@testable import ServiceKit

@Suite("Health of a replica")
struct HealthStateTests {
    let health: HealthState
    let client: HealthClient

    init() {
        health = HealthState(serviceNames: ["llara.v1.Encoder"])
        var router = RPCRouter()
        router.register(health: health)
        client = HealthClient(InProcessTransport(router: router))
    }

    @Test("is not serving until it says so")
    func starting() async throws {
        let before = try await client.check(HealthCheckRequest(service: ""))
        #expect(before.status == .notServing)
        #expect(before.reason == "starting")
        health.set(.serving)
        let after = try await client.check(HealthCheckRequest(service: "llara.v1.Encoder"))
        #expect(after.status == .serving)
        #expect(after.version == BuildInformation.version)
    }

    @Test("is not found for a service that it does not serve")
    func unknown() async {
        await #expect {
            try await client.check(HealthCheckRequest(service: "llara.v1.Ranker"))
        } throws: { ($0 as? RPCError)?.code == .notFound }
    }

    @Test("is watched: the present status at once, then every change")
    func watch() async throws {
        let statuses = try await client.watch(HealthCheckRequest(service: "")) { stream in
            var statuses: [ServingStatus] = []
            for try await response in stream {
                statuses.append(response.status)
                if statuses.count == 1 { health.set(.serving) }
                if statuses.count == 2 { break }
            }
            return statuses
        }
        #expect(statuses == [.notServing, .serving])
    }

    @Test("says what is degraded while it serves, and nothing else than why it does not")
    func degradation() async throws {
        health.set(.serving)
        health.setDegradation("the active release is not loaded here")
        let degraded = try await client.check(HealthCheckRequest(service: ""))
        #expect(degraded.status == .serving)
        #expect(degraded.reason == "the active release is not loaded here")
        health.set(.notServing, reason: "draining")
        health.setDegradation("")
        #expect(try await client.check(HealthCheckRequest(service: "")).reason == "draining")
    }
}
