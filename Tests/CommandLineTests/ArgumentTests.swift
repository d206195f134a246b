import ArgumentParser
import Domain
import RPC
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
            ["recommend", "--user", "1", "--count", "1001"],
            ["recommend", "--user", "1", "--candidate-count", "1001"],
            ["recommend", "--sequence", "1", "--history"],
            ["recommend", "--user", "1", "--representation", "picture"],
            ["item", "list", "--count", "1001"], ["user", "show", "1", "--count", "0"],
            ["health"] + Array(repeating: "a:1", count: CommandLimits.maximumAddresses + 1),
            ["unknown"],
        ])
    func wrongUsage(_ arguments: [String]) {
        let error = #expect(throws: (any Error).self) {
            _ = try LlaraCommand.parseAsRoot(arguments)
        }
        #expect(error.map { LlaraCommand.exitCode(for: $0).rawValue } == 64)
    }

    @Test("the greatest counts and as many addresses as allowed are taken")
    func atTheLimits() throws {
        _ = try LlaraCommand.parseAsRoot(["recommend", "--user", "1", "--count", "1000"])
        _ = try LlaraCommand.parseAsRoot(["item", "list", "--count", "1000"])
        _ = try LlaraCommand.parseAsRoot(
            ["health"] + Array(repeating: "a:1", count: CommandLimits.maximumAddresses))
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
