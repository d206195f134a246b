import ArgumentParser
import Foundation
import Glibc
import Testing

@testable import llara

@Suite("The command as a process")
struct ProcessTests {
    @Test("a replica that is not there is unreachable, and the call is UNAVAILABLE")
    func unreachable() async throws {
        let outcome = try await llara(["health", "127.0.0.1:1"])
        #expect(outcome.status == 69)
        #expect(outcome.output.contains("unreachable"))
        let call = try await llara(["user", "show", "1", "--gateway", "127.0.0.1:1"])
        #expect(call.status == 69)
        #expect(call.output.isEmpty)
        #expect(call.errors.contains("UNAVAILABLE"))
        #expect(call.errors.contains("\nNext: "))
    }

    @Test(
        "a server that says nothing is given up after --timeout",
        arguments: [
            ["user", "show", "1", "--gateway"], ["recommend", "--user", "1", "--gateway"],
            ["recommend", "--user", "1", "--stream", "--gateway"],
            ["rank", "Next:", "Aliens", "--ranker"], ["generate", "Next:", "--ranker"],
            ["call", "Health/Check", "--address"], ["health"],
        ])
    func timeout(_ arguments: [String]) async throws {
        try await withSilentServer { address in
            let run = try await llara(arguments + [address, "--timeout", "100ms"])
            #expect(run.status == (arguments == ["health"] ? 69 : 75))
            #expect((run.output + run.errors).contains("DEADLINE_EXCEEDED"), "\(run)")
        }
    }

    @Test("a folder that is no release, and a missing data set, name what to do")
    func folders() async throws {
        let release = try await llara(["release", "show", "/nonexistent"])
        #expect(release.status == 65)
        #expect(release.errors.contains("Next: "))
        let data = try await llara([
            "import", "catalog", "/nonexistent", "--database", "postgresql:///x",
        ])
        #expect(data.status == 65)
        #expect(data.output.isEmpty)
    }

    @Test("one id more than a command line takes ends with 64, before anybody is called")
    func identifiers() async throws {
        let ids = (0...CommandLimits.maximumIDs).map(String.init)
        for arguments in [["item", "get"], ["item", "delete"], ["user", "append", "42"]] {
            let beyond = try await llara(arguments + ids + ["--gateway", "127.0.0.1:1"])
            #expect(beyond.status == 64, "\(arguments)")
            #expect(beyond.errors.contains("1001 ids are too many for one call; at most 1000."))
            let at = try await llara(
                arguments + ids.dropLast() + ["--gateway", "127.0.0.1:1", "--timeout", "100ms"])
            #expect(at.status == 69 || at.status == 75, "\(arguments)")
        }
    }

    @Test("a JSON request beyond its limit is refused by its size")
    func request() async throws {
        let input = String(repeating: "x", count: CommandLimits.maximumJSONBytes + 1)
        let run = try await llara(["call", "Gateway/GetUser", "-"], input: input)
        #expect(run.status == 65)
        #expect(run.errors.contains("\(CommandLimits.maximumJSONBytes) bytes"), "\(run.errors)")
    }

    @Test("--help of every command has an example of that command")
    func help() async throws {
        var waiting = [["llara"]]
        var count = 0
        while let path = waiting.popLast() {
            var type: any ParsableCommand.Type = LlaraCommand.self
            for name in path.dropFirst() {
                type = try #require(
                    type.configuration.subcommands.first { $0._commandName == name })
            }
            waiting += type.configuration.subcommands.map { path + [$0._commandName] }
            let run = try await llara(path.dropFirst() + ["--help"])
            #expect(run.status == 0)
            let examples = run.output.components(separatedBy: "\n").filter {
                $0.hasPrefix("  " + path.joined(separator: " "))
            }
            #expect(!examples.isEmpty, "\(path)")
            count += 1
        }
        #expect(count >= 27)
    }
}

/// A listening socket that takes connections and never answers.
private func withSilentServer(_ body: (String) async throws -> Void) async throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutableBytes(of: &address) { bytes in
        let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
        return bind(descriptor, pointer, length) == 0 && listen(descriptor, 8) == 0
            && getsockname(descriptor, pointer, &length) == 0
    }
    try #require(isListening)
    try await body("127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
}
