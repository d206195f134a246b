import Foundation
import Testing

@testable import RPC

@Suite("Resolvers", .timeLimit(.minutes(1)))
struct ResolverTests {
    @Test("a list has an address a line, blanks and comments apart")
    func list() throws {
        let text = "# rankers\n127.0.0.1:7001\n\n  [::1]:7002  # the second\nranker-2:7003"
        let addresses = try RPCResolver.addresses(in: text, of: "list")
        #expect(addresses.map { "\($0)" } == ["127.0.0.1:7001", "[::1]:7002", "ranker-2:7003"])
    }

    @Test("a line that is no address is named")
    func badLine() {
        let error = #expect(throws: RPCError.self) {
            try RPCResolver.addresses(in: "a:1\nb", of: "list")
        }
        #expect(error?.message.hasPrefix("list, line 2: ") == true)
    }

    @Test("the name of this machine has loopback's address, and no name is an error")
    func dns() async throws {
        let localhost = RPCResolver.dns(
            RPCAddress(host: "localhost", port: 7001), timeToLive: .seconds(30))
        let found = try await localhost.addresses()
        #expect(found.contains(RPCAddress(host: "127.0.0.1", port: 7001)))
        let none = RPCResolver.dns(
            RPCAddress(host: "no-such-host.invalid", port: 1), timeToLive: .seconds(30))
        let error = await status { _ = try await none.addresses() }
        #expect(error?.code == .unavailable)
    }

    @Test("a file that is missing, and too many addresses, are refused")
    func limits() async {
        let missing = RPCResolver.file(path: "/no/such/list", interval: .seconds(1))
        let unreadable = await status { _ = try await missing.addresses() }
        #expect(unreadable?.code == .unavailable)
        let address = RPCAddress(host: "a", port: 1)
        let most = RPCResolver.maximumAddresses
        let atLimit = RPCResolver.fixed(Array(repeating: address, count: most))
        let taken = await status { _ = try await atLimit.addresses() }
        #expect(taken == nil)
        let beyond = RPCResolver.fixed(Array(repeating: address, count: most + 1))
        let refused = await status { _ = try await beyond.addresses() }
        #expect(refused?.code == .resourceExhausted)
    }

    @Test("a look without a pause, or once in more than a day, is refused")
    func intervals() {
        func message(_ interval: Duration) -> String? {
            do {
                try RPCResolver.file(path: "list", interval: interval).validate()
                return nil
            } catch {
                return error.message
            }
        }
        #expect(message(.milliseconds(1)) == nil && message(.seconds(86_400)) == nil)
        #expect(message(.zero)?.contains("resolver.interval") == true)
        #expect(message(.seconds(86_401)) != nil)
    }

    @Test("a client follows its file: new replicas get calls, those that left get none")
    func follows() async throws {
        @Sendable func router(_ name: String) -> RPCRouter {
            var router = RPCRouter()
            router.unary(testMethod("Name")) { _, _ in RPCMessage(body: Array(name.utf8)) }
            return router
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "replicas-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try await withServer(router("one")) { _, one in
            try await withServer(router("two")) { _, two in
                try Data("\(one)\n".utf8).write(to: file)
                let resolver = RPCResolver.file(path: file.path, interval: .milliseconds(5))
                try await withClient(of: resolver) { client in
                    func name() async throws -> String {
                        var options = CallOptions(timeout: .seconds(20))
                        options.waitsForReady = true
                        let response = try await client.unary(
                            testMethod("Name"), RPCMessage(body: []), options: options)
                        return String(decoding: response.body, as: UTF8.self)
                    }
                    #expect(try await name() == "one")
                    try Data("\(two)\n".utf8).write(to: file)
                    while try await name() == "one" {}
                    for _ in 0..<20 { #expect(try await name() == "two") }
                    // A list that cannot be read changes nothing.
                    try Data("nonsense\n".utf8).write(to: file)
                    for _ in 0..<20 { #expect(try await name() == "two") }
                }
            }
        }
    }
}
