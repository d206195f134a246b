import ArgumentParser
import Domain
import Glibc
import ServiceAPI
import Wire

/// `llara user`: users' sequences.
struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Read and extend users' sequences.",
        discussion: """
            EXAMPLES
              llara user show 42 --count 10
              llara user append 42 50 --rating 5
            """,
        subcommands: [Show.self, Append.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the newest interactions of a user, oldest first.")

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The user's id.") var user: String
        @Option(help: "How many interactions.") var count = 50

        func validate() throws {
            if !(1...WireLimits.maximumListCount).contains(count) {
                throw ValidationError("--count takes 1 to \(WireLimits.maximumListCount).")
            }
        }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).getUser(
                        GetUserRequest(userID: user, count: count), options: options.callOptions)
                }
                let rendering = UserRendering(response)
                Console.answer(options.json ? rendering.json.text() : rendering.text)
            }
        }
    }

    struct Append: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Append interactions to a user's sequence.")

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The user's id; a new one is made.") var user: String
        @Argument(help: "Ids of items, oldest first.") var items: [String]
        @Option(help: "The rating given, the same for all.") var rating: Float = 0
        @Option(help: "Unix time in seconds (default: now).") var time: Int64?

        func request(now: Int64) -> AppendInteractionsRequest {
            AppendInteractionsRequest(
                userID: user,
                items: items.map {
                    HistoryItem(itemID: $0, timeSeconds: time ?? now, rating: rating)
                })
        }

        func run() async throws {
            try await reporting {
                let request = request(now: Int64(Glibc.time(nil)))
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).appendInteractions(
                        request, options: options.callOptions)
                }
                let json = CatalogRendering.json(response).text()
                Console.answer(options.json ? json : CatalogRendering.text(response))
            }
        }
    }
}
