import Configuration
import RPC
import Testing

@testable import ServiceKit

@Suite("Settings of a service")
struct ServiceSettingsTests {
    @Test("come from the first provider that has the key")
    func order() throws {
        let settings = ServiceSettings(
            service: "encoder",
            providers: [
                InMemoryProvider(values: ["llara.encoder.threads": 3]),
                InMemoryProvider(values: [
                    "llara.encoder.threads": 1, "llara.encoder.listen": "127.0.0.1:1",
                ]),
            ])
        #expect(try settings.integer("threads", in: 1...8) == 3)
        #expect(try settings.address("listen") == RPCAddress(host: "127.0.0.1", port: 1))
    }

    @Test(
        "that are malformed or out of range are errors, never the default", arguments: ["x", "0"])
    func malformed(value: String) {
        let settings = ServiceSettings(service: "encoder", values: ["threads": value])
        #expect {
            try settings.integer("threads", in: 1...8)
        } throws: { ($0 as? SettingError)?.key == "threads" }
    }

    @Test("are read from environment variables named after service and key")
    func environment() throws {
        let settings = ServiceSettings(
            service: "gateway",
            providers: [
                EnvironmentVariablesProvider(environmentVariables: [
                    "LLARA_GATEWAY_DATABASE_CONNECTIONS": "7"
                ])
            ])
        #expect(try settings.integer("database-connections", in: 1...64) == 7)
    }

    @Test("of releases are folders, and a name that requests use is told apart")
    func releaseDirectories() throws {
        func directories(_ text: String) throws -> [String] {
            try ServiceSettings(service: "encoder", values: ["release": text]).releaseDirectories()
        }
        #expect(try directories("a@b/films,other") == ["a@b/films", "other"])
        #expect {
            try directories("other,films@0123456789abcdef")
        } throws: {
            ($0 as? SettingError)?.key == "release" && "\($0)".contains("path of its folder")
        }
    }

    @Test("that are missing are named with the variable to set")
    func missing() {
        let settings = ServiceSettings(service: "ranker", values: [:])
        #expect {
            try settings.string("model", hint: "--model FILE")
        } throws: { "\($0)".contains("LLARA_RANKER_MODEL") && "\($0)".contains("--model FILE") }
    }

    @Test("list replicas separated by commas and name the malformed one")
    func addresses() throws {
        let good = ServiceSettings(service: "gateway", values: ["ranker": "a:1,[::1]:2"])
        #expect(try good.addresses("ranker").count == 2)
        let bad = ServiceSettings(service: "gateway", values: ["ranker": "a:1,b"])
        #expect { try bad.addresses("ranker") } throws: { "\($0)".contains("'b'") }
    }

    @Test("list release folders, from one option that stands several times or one with commas")
    func releases() throws {
        func folders(_ value: String?) throws -> [String] {
            let values = ["release": value].compactMapValues { $0 }
            return try ServiceSettings(service: "encoder", values: values).releaseDirectories()
        }
        #expect(try folders(["a", "b"].asSetting) == ["a", "b"])
        #expect(try folders("a, b/c") == ["a", "b/c"])
        #expect(throws: SettingError.self) { try folders([String]().asSetting) }
        #expect { try folders("a,,b") } throws: { "\($0)".contains("empty part") }
    }

    @Test("never show a password")
    func password() {
        #expect(
            ServiceProcess.maskingPassword(in: "postgresql://me:secret@host/db")
                == "postgresql://me:***@host/db")
        #expect(ServiceProcess.maskingPassword(in: "postgresql:///db") == "postgresql:///db")
    }
}
