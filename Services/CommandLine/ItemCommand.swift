import ArgumentParser
import ServiceAPI
import Wire

/// `llara item`: the catalog.
struct ItemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "item",
        abstract: "Read and change items of the catalog.",
        discussion: """
            EXAMPLES
              llara item get 50 172
              llara item list --search "star wars" --count 20
              llara item upsert 2001 --title "Arrival" --attribute year=2016
              llara item delete 2001
            """,
        subcommands: [Get.self, List.self, Upsert.self, Delete.self])

    /// Who is named in the change log unless --author says otherwise.
    static var defaultAuthor: String { Console.environment("USER") ?? "llara" }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show items by their ids.")

        @OptionGroup var options: GatewayOptions
        @Argument(help: "Ids of items.") var ids: [String]

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).getItems(
                        GetItemsRequest(itemIDs: ids), options: options.callOptions)
                }
                let json = CatalogRendering.json(response).text()
                Console.answer(options.json ? json : CatalogRendering.text(response))
                if response.items.isEmpty { throw ExitCode(CommandError.Status.notFound.rawValue) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List items in the order of their ids.")

        @OptionGroup var options: GatewayOptions
        @Option(help: "Part of the title, in any case.") var search = ""
        @Option(help: "Items on the page.") var count = 50
        @Option(help: "Begin after this id.") var after = ""

        func validate() throws {
            if !(1...WireLimits.maximumListCount).contains(count) {
                throw ValidationError("--count takes 1 to \(WireLimits.maximumListCount).")
            }
        }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).listItems(
                        ListItemsRequest(titleContains: search, count: count, afterItemID: after),
                        options: options.callOptions)
                }
                let json = CatalogRendering.json(response).text()
                Console.answer(options.json ? json : CatalogRendering.text(response))
                if let last = response.items.last, response.items.count == count, !options.json {
                    Console.notice("Next page: llara item list --after \(last.id)\n")
                }
            }
        }
    }

    struct Upsert: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an item, or replace the one with its id, attributes included.")

        @OptionGroup var options: GatewayOptions
        @Argument(help: "The item's id.") var id: String
        @Option(help: "The title as it is to stand in prompts.") var title: String
        @Option(help: "KEY=VALUE; may be repeated.") var attribute: [PairArgument] = []
        @Flag(help: "Keep it from answers.") var hidden = false
        @Option(help: "Unix time in seconds from which answers no longer hold it.")
        var expiresAt: Int64 = 0
        @Option(help: "Who changes, for the change log (default: USER).") var author: String?

        var request: UpsertItemsRequest {
            UpsertItemsRequest(
                items: [
                    CatalogItem(
                        id: id, title: title,
                        attributes: attribute.map { KeyValue(key: $0.key, value: $0.value) },
                        state: hidden ? .hidden : .active, expiresAtSeconds: expiresAt)
                ], author: author ?? ItemCommand.defaultAuthor)
        }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).upsertItems(
                        request, options: options.callOptions)
                }
                let json = CatalogRendering.json(response).text()
                Console.answer(options.json ? json : CatalogRendering.text(response))
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete items.")

        @OptionGroup var options: GatewayOptions
        @Argument(help: "Ids of items.") var ids: [String]
        @Option(help: "Who changes, for the change log (default: USER).") var author: String?

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).deleteItems(
                        DeleteItemsRequest(
                            itemIDs: ids, author: author ?? ItemCommand.defaultAuthor),
                        options: options.callOptions)
                }
                let json = CatalogRendering.json(response).text()
                Console.answer(options.json ? json : CatalogRendering.text(response))
            }
        }
    }
}
