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
              llara item list --search "star wars" --filter 'year>=1990' --count 20
              llara item upsert 2001 --title "Arrival" --attribute year=2016
              llara item patch 2001 --attribute genres=drama --hide
              llara item delete 2001 --if-version 17
              llara item changes --after 16
            """,
        subcommands: [
            Get.self, List.self, Upsert.self, Patch.self, Delete.self, Changes.self,
        ])

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show items by their ids; exit status 66 when there is none of them.",
            discussion: """
                EXAMPLES
                  llara item get 50
                  llara item get 50 172 --json
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "Ids of items.") var ids: [String]

        func validate() throws { try requireIDCount(ids.count) }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).getItems(
                        GetItemsRequest(itemIDs: ids), options: options.callOptions)
                }
                Console.answer(
                    options.json
                        ? CatalogRendering.json(response).text()
                        : CatalogRendering.text(response, in: Console.terminal))
                if response.items.isEmpty { throw ExitCode(CommandError.Status.notFound.rawValue) }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List items in the order of their ids.",
            discussion: """
                EXAMPLES
                  llara item list --search "star wars"
                  llara item list --filter genres=Comedy --filter year=1990..1995
                  llara item list --state hidden --json
                """)

        @OptionGroup var options: GatewayOptions
        @Option(help: "Part of the title, in any case.") var search = ""
        @Option(help: FilterArgument.help) var filter: [FilterArgument] = []
        @Option(help: "Only items in this state (default: all).") var state: ItemState?
        @Option(help: "Items on the page.") var count = 50
        @Option(help: "Begin after this id.") var after = ""

        var request: ListItemsRequest {
            ListItemsRequest(
                titleContains: search, count: count, afterItemID: after,
                filters: filter.map(\.filter), state: state)
        }

        func validate() throws { try requirePage(count) }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).listItems(
                        request, options: options.callOptions)
                }
                Console.answer(
                    options.json
                        ? CatalogRendering.json(response).text()
                        : CatalogRendering.text(response, in: Console.terminal))
                if let last = response.items.last, response.items.count == count, !options.json {
                    Console.notice("Next page: the same with --after \(last.id)\n")
                }
            }
        }
    }

    struct Changes: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the change log, oldest first.",
            discussion: """
                EXAMPLES
                  llara item changes --after 16
                  llara item changes 50 --json
                """)

        @OptionGroup var options: GatewayOptions
        @Argument(help: "An item's id (default: all items).") var id: String?
        @Option(help: "Changes after this catalog version.") var after: UInt64 = 0
        @Option(help: "With --after: items of that version with an id after this one.")
        var afterItem = ""
        @Option(help: "Changes on the page.") var count = 50

        var request: ListChangesRequest {
            ListChangesRequest(
                afterVersion: after, count: count, itemID: id ?? "", afterItemID: afterItem)
        }

        func validate() throws { try requirePage(count) }

        func run() async throws {
            try await reporting {
                let response = try await options.withGateway { caller in
                    try await GatewayClient(caller).listChanges(
                        request, options: options.callOptions)
                }
                Console.answer(
                    options.json
                        ? CatalogRendering.json(response).text()
                        : CatalogRendering.text(response, in: Console.terminal))
                if let last = response.changes.last, response.changes.count == count,
                    !options.json
                {
                    Console.notice(
                        "Next page: the same with --after \(last.version) "
                            + "--after-item \(last.itemID)\n")
                }
            }
        }
    }
}

/// Refuses a page that no service gives.
func requirePage(_ count: Int) throws {
    if !(1...CommandLimits.maximumPage).contains(count) {
        throw ValidationError("--count takes 1 to \(CommandLimits.maximumPage).")
    }
}

/// Refuses more ids than one call takes.
func requireIDCount(_ count: Int, limit: Int = CommandLimits.maximumIDs) throws {
    if count > limit {
        throw ValidationError("\(count) ids are too many for one call; at most \(limit).")
    }
}
