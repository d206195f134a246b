import ArgumentParser
import Domain
import GatewayCore
import RPC
import RankerCore
import Testing
import Wire

@testable import llara

@Suite("Arguments")
struct ArgumentTests {
    @Test(
        "times carry their unit",
        arguments: [
            ("2s", Duration.seconds(2)), ("500ms", .milliseconds(500)), ("1.5m", .seconds(90)),
            ("1440m", .seconds(86_400)),
        ])
    func times(_ text: String, _ duration: Duration) {
        #expect(TimeArgument(argument: text)?.duration == duration)
    }

    @Test(
        "a time without unit, not positive or beyond a day is refused",
        arguments: ["2", "0s", "-1s", "s", "1h", "1441m", "infs", ""])
    func wrongTimes(_ text: String) {
        #expect(TimeArgument(argument: text) == nil)
    }

    @Test("lists of ids have no empty element")
    func identifiers() {
        #expect(IdentifierList(argument: "1,b")?.ids == ["1", "b"])
        #expect(IdentifierList(argument: "1,,2") == nil)
        #expect(IdentifierList(argument: "") == nil)
    }

    private func command<Command: ParsableCommand>(
        _ arguments: [String], _: Command.Type = Command.self
    ) throws -> Command {
        try #require(try LlaraCommand.parseAsRoot(arguments) as? Command)
    }

    @Test("every option of recommend reaches the request")
    func recommend() throws {
        let full: RecommendCommand = try command([
            "recommend", "--user", "42", "--count", "5", "--candidates", "1,2", "--sequence",
            "3,4", "--exclude", "5", "--include-seen", "--representation", "hybrid", "--release",
            "r", "--explain", "--min-version", "17", "--candidate-count", "30", "--context",
            "device=tv", "--timeout", "2s", "--json", "--gateway", "[::1]:9",
        ])
        #expect(
            full.request
                == RecommendRequest(
                    userID: "42",
                    sequence: ItemSequence(items: [
                        HistoryItem(itemID: "3"), HistoryItem(itemID: "4"),
                    ]), candidateItemIDs: ["1", "2"], count: 5, candidateCount: 30,
                    excludedItemIDs: ["5"], includeSeen: true, representation: .hybrid,
                    release: "r",
                    context: RequestContext(values: [KeyValue(key: "device", value: "tv")]),
                    minVersion: 17, explain: true))
        #expect(full.options.callOptions.timeout == .seconds(2))
        #expect(try full.options.address() == RPCAddress(host: "::1", port: 9))
        let short: RecommendCommand = try command(["recommend", "--user", "42"])
        #expect(
            short.request == RecommendRequest(userID: "42", count: 10, candidateCount: 20))
    }

    @Test(
        "wrong usage ends with 64",
        arguments: [
            ["recommend"], ["recommend", "--user", "1", "--count", "0"],
            ["recommend", "--user", "1", "--count", "101"],
            ["recommend", "--user", "1", "--fresh", "0"],
            ["recommend", "--user", "1", "--fresh", "21"],
            ["recommend", "--user", "1", "--candidate-count", "1001"],
            ["recommend", "--sequence", "1", "--history"],
            ["recommend", "--user", "1", "--representation", "picture"],
            ["item", "list", "--count", "1001"], ["user", "show", "1", "--count", "0"],
            ["health"] + Array(repeating: "a:1", count: CommandLimits.maximumAddresses + 1),
            ["generate", "P", "--temperature", "-0.1"],
            ["generate", "P", "--temperature", "10.1"], ["generate", "P", "--temperature", "nan"],
            ["item", "delete", "--from", "ids.jsonl", "--if-version", "1"], ["unknown"],
        ])
    func wrongUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) {
            _ = try LlaraCommand.parseAsRoot(arguments)
        }
        #expect(error.map { LlaraCommand.exitCode(for: $0).rawValue } == 64)
    }

    @Test("the greatest counts and as many addresses as allowed are taken")
    func atTheLimits() throws {
        _ = try LlaraCommand.parseAsRoot([
            "recommend", "--user", "1", "--count", "100", "--fresh", "20",
        ])
        _ = try LlaraCommand.parseAsRoot(["generate", "P", "--temperature", "10"])
        _ = try LlaraCommand.parseAsRoot(["generate", "P", "--temperature", "0"])
        _ = try LlaraCommand.parseAsRoot(["item", "list", "--count", "1000"])
        _ = try LlaraCommand.parseAsRoot(
            ["health"] + Array(repeating: "a:1", count: CommandLimits.maximumAddresses))
    }

    @Test("the limits are those of the gateway and of the ranker")
    func limitsOfTheServices() {
        #expect(CommandLimits.maximumAnswer == RecommendLimits.maximumCount)
        #expect(CommandLimits.maximumFresh == RecommendLimits.maximumFreshItems)
        #expect(CommandLimits.maximumPromptBytes == RankLimits().promptBytes)
    }

    @Test("a prompt of 64 KiB is taken, one byte more is refused by name")
    func promptBytes() throws {
        let full = String(repeating: "é", count: CommandLimits.maximumPromptBytes / 2)
        for command in ["rank", "generate"] {
            _ = try LlaraCommand.parseAsRoot([command, full, "Aliens"])
            let error = #expect(throws: (any Error).self) {
                _ = try LlaraCommand.parseAsRoot([command, full + "x", "Aliens"])
            }
            #expect(
                error.map { LlaraCommand.message(for: $0) }
                    == "The prompt has 65537 bytes, more than 65536.")
        }
    }

    @Test(
        "an idempotency key of 118 bytes is taken, one byte more is refused by name",
        arguments: [
            ["item", "upsert", "1", "--title", "T"], ["item", "patch", "1", "--hide"],
            ["item", "delete", "1"], ["user", "append", "1", "2"], ["user", "delete", "1"],
        ])
    func idempotencyKey(_ write: [String]) throws {
        let full = String(repeating: "k", count: CommandLimits.maximumIdempotencyKeyBytes)
        _ = try LlaraCommand.parseAsRoot(write + ["--idempotency-key", full])
        let error = #expect(throws: (any Error).self) {
            _ = try LlaraCommand.parseAsRoot(write + ["--idempotency-key", full + "k"])
        }
        #expect(
            error.map { LlaraCommand.message(for: $0) }
                == "--idempotency-key has 119 bytes, more than 118.")
    }

    @Test("the longest key fits the wire in every call of --from, and the first one bears it alone")
    func keysOfCalls() throws {
        let key = String(repeating: "k", count: CommandLimits.maximumIdempotencyKeyBytes)
        let append: UserCommand.Append = try command([
            "user", "append", "1", "2", "--idempotency-key", key,
        ])
        #expect(append.idempotency.key(ofCall: 1) == key)
        let last = append.idempotency.key(ofCall: 999_999_999)
        #expect(last == key + "/999999999")
        #expect(last.utf8.count == WireLimits.maximumIdempotencyKeyBytes)
        let without: UserCommand.Append = try command(["user", "append", "1", "2"])
        #expect(without.idempotency.key(ofCall: 2) == "")
    }

    @Test("an item's options become the item, a user's the interactions")
    func writes() throws {
        let upsert: ItemCommand.Upsert = try command([
            "item", "upsert", "7", "--title", "Arrival", "--attribute", "year=2016",
            "--attribute", "note=a=b", "--hidden", "--expires-at", "99", "--author", "me",
        ])
        #expect(
            upsert.request
                == UpsertItemsRequest(
                    items: [
                        CatalogItem(
                            id: "7", title: "Arrival",
                            attributes: [
                                KeyValue(key: "year", value: "2016"),
                                KeyValue(key: "note", value: "a=b"),
                            ], state: .hidden, expiresAtSeconds: 99)
                    ], author: "me"))
        let append: UserCommand.Append = try command([
            "user", "append", "42", "1", "2", "--rating", "4.5",
        ])
        #expect(
            append.request(now: 100)
                == AppendInteractionsRequest(
                    userID: "42",
                    items: [
                        HistoryItem(itemID: "1", timeSeconds: 100, rating: 4.5),
                        HistoryItem(itemID: "2", timeSeconds: 100, rating: 4.5),
                    ]))
    }

    @Test("the help lists every command and its exit statuses")
    func help() {
        let help = LlaraCommand.helpMessage()
        for command in LlaraCommand.configuration.subcommands {
            #expect(help.contains("\n  \(command._commandName) "))
        }
        for status in [64, 65, 66, 69, 70, 75, 77] { #expect(help.contains("  \(status)  ")) }
        #expect(RecommendCommand.helpMessage().contains("--min-version <min-version>"))
    }
}
