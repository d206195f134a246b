import ArgumentParser
import Domain
import Glibc
import ServiceAPI
import Wire

/// `llara user`: users' sequences.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Read, extend and forget users' sequences.",
        discussion: """
            EXAMPLES
              llara user show 42 --count 10
              llara user append 42 50 --rating 5
              llara user delete 42
            """,
        subcommands: [Show.self, Append.self, Delete.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the newest interactions of a user, oldest first.",
            discussion: """
                EXAMPLES
                  llara user show 42
                  llara user show 42 --count 10 --json
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The user's id.") var user: String
        @Option(help: "How many interactions.") var count = 50

        func validate() throws { try requirePage(count) }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).getUser(
                        GetUserRequest(userID: user, count: count), options: options.callOptions)
                }
                let rendering = UserRendering(response)
                Console.answer(
                    options.json ? rendering.json.text() : rendering.text(in: Console.terminal))
            }
        }
    }

    struct Append: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Append interactions to a user's sequence.",
            discussion: """
                EXAMPLES
                  llara user append 42 50 172 --rating 5
                  llara user append 42 --from seen.jsonl --idempotency-key import-42

                A line of --from; without time_seconds it stands where it arrives:
                  {"item_id": "50", "time_seconds": 881250949, "rating": 4}
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The user's id; a new one is made.") var user: String
        @Argument(help: "Ids of items, oldest first.") var items: [String] = []
        @Option(help: "The rating given, the same for all.") var rating: Float = 0
        @Option(help: "Unix time in seconds (default: now).") var time: Int64?
        @OptionGroup var idempotency: IdempotencyOptions
        @Option(help: "JSON lines in a file, or - for standard input.", completion: .file())
        var from: String?

        func validate() throws {
            if items.isEmpty == (from == nil) {
                throw ValidationError("Give ids of items, or lines with --from.")
            }
            try requireIDCount(items.count)
        }

        func request(now: Int64) -> AppendInteractionsRequest {
            AppendInteractionsRequest(
                userID: user,
                items: items.map {
                    HistoryItem(itemID: $0, timeSeconds: time ?? now, rating: rating)
                }, idempotencyKey: idempotency.key)
        }

        func run() async throws {
            try await reporting {
                let request = request(now: Int64(Glibc.time(nil)))
                try await options.reportWrite { client, callOptions in
                    guard let from else {
                        return try await client.appendInteractions(request, options: callOptions)
                    }
                    return try await JSONLines<AppendInteractionsRequest>.write(
                        from: from, method: "Gateway/AppendInteractions", list: "items",
                        others: [.init("user_id", .string(user))]
                    ) { lines, number in
                        var part = request
                        part.items = lines.flatMap(\.items)
                        part.idempotencyKey = idempotency.key(ofCall: number)
                        return try await client.appendInteractions(part, options: callOptions)
                    }
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a user: every interaction, for ever.",
            discussion: """
                EXAMPLES
                  llara user delete 42
                  llara user delete 42 --yes --idempotency-key forget-42
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The user's id.") var user: String
        @Flag(help: "Do not ask.") var yes = false
        @OptionGroup var idempotency: IdempotencyOptions

        func run() async throws {
            try await reporting {
                guard yes || Console.hasPerson else {
                    throw CommandError(
                        .badData, "nobody is here to confirm that a user is to be forgotten",
                        advice: "run it on a terminal, or say --yes")
                }
                let question = "Forget user \(DisplayText.line(user)) and all interactions?"
                guard yes || Console.confirms(question) else {
                    throw CommandError(
                        .badData, "nothing was deleted", advice: "answer y to delete, or say --yes")
                }
                try await options.reportWrite { client, callOptions in
                    try await client.deleteUser(
                        DeleteUserRequest(userID: user, idempotencyKey: idempotency.key),
                        options: callOptions)
                }
            }
        }
    }
}
