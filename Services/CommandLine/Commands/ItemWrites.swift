import ArgumentParser
import RPC
import ServiceAPI
import Wire

extension ItemCommand {
    struct Upsert: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an item, or replace the one with its id, attributes included.",
            discussion: """
                EXAMPLES
                  llara item upsert 2001 --title "Arrival" --attribute year=2016
                  llara item upsert 2001 --title "Arrival (2016)" --if-version 17
                  llara item upsert --from items.jsonl --idempotency-key nightly-2026-11-21

                A line of --from is an object as "item get --json" shows it:
                  {"id": "2001", "title": "Arrival", "attributes": {"year": "2016"}}
                1,000 lines at most go into one call; a call writes all of its lines or none.
                """)

        @OptionGroup var options: GatewayOptions
        @OptionGroup var write: WriteOptions
        @Argument(help: "The item's id.") var id: String?
        @Option(help: "The title as it is to stand in prompts.") var title: String?
        @Option(help: "KEY=VALUE; may be repeated.") var attribute: [PairArgument] = []
        @Flag(help: "Keep it from answers.") var hidden = false
        @Option(help: "Unix time in seconds from which answers no longer hold it.")
        var expiresAt: Int64 = 0
        @Option(help: "Only if this is the stored version; 0: only if there is no such item.")
        var ifVersion: UInt64?
        @Option(help: "JSON lines in a file, or - for standard input.", completion: .file())
        var from: String?
        @Flag(help: "With --from: only if each line's version is the stored one.")
        var ifVersions = false

        func validate() throws {
            if from == nil && (id == nil || title == nil) {
                throw ValidationError("Give an id and --title, or lines with --from.")
            }
            if from != nil && (id != nil || title != nil || ifVersion != nil) {
                throw ValidationError("--from brings ids, titles and versions itself.")
            }
            if from == nil && ifVersions {
                throw ValidationError("--if-versions needs --from; see --if-version.")
            }
        }

        /// The call that the options stand for, without --from.
        var request: UpsertItemsRequest {
            UpsertItemsRequest(
                items: [
                    CatalogItem(
                        id: id ?? "", title: title ?? "",
                        attributes: attribute.map { KeyValue(key: $0.key, value: $0.value) },
                        state: hidden ? .hidden : .active, expiresAtSeconds: expiresAt,
                        version: ifVersion ?? 0)
                ], author: write.writer, idempotencyKey: write.idempotency.key,
                ifVersion: ifVersion != nil)
        }

        func run() async throws {
            try await reporting {
                try await options.reportWrite(
                    request, from: from, method: "Gateway/UpsertItems", list: "items"
                ) { lines, number in
                    UpsertItemsRequest(
                        items: lines.flatMap(\.items), author: write.writer,
                        idempotencyKey: write.idempotency.key(ofCall: number),
                        ifVersion: ifVersions)
                } send: { client, request, callOptions in
                    try await client.upsertItems(request, options: callOptions)
                }
            }
        }
    }

    struct Patch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a part of an item; all else stays.",
            discussion: """
                EXAMPLES
                  llara item patch 2001 --attribute genres=drama --remove-attribute year
                  llara item patch 2001 --hide --if-version 17
                  llara item patch --from patches.jsonl

                A line of --from:
                  {"id": "2001", "set_attributes": {"genres": "drama"}, "state": "hidden"}
                """)

        @OptionGroup var options: GatewayOptions
        @OptionGroup var write: WriteOptions
        @Argument(help: "The item's id.") var id: String?
        @Option(help: "The new title.") var title = ""
        @Option(help: "Set KEY=VALUE; may be repeated.") var attribute: [PairArgument] = []
        @Option(help: "Remove the attribute KEY; may be repeated.")
        var removeAttribute: [String] = []
        @Flag(help: "Keep it from answers.") var hide = false
        @Flag(help: "Let answers hold it again.") var show = false
        @Option(help: "Unix time in seconds from which answers no longer hold it; 0: never.")
        var expiresAt: Int64?
        @Option(help: "Only if this is the stored version.") var ifVersion: UInt64?
        @Option(help: "JSON lines in a file, or - for standard input.", completion: .file())
        var from: String?
        @Flag(help: "With --from: only if each line's version is the stored one.")
        var ifVersions = false

        private var isUnchanged: Bool {
            title.isEmpty && attribute.isEmpty && removeAttribute.isEmpty && !hide && !show
                && expiresAt == nil
        }

        func validate() throws {
            if (id == nil) == (from == nil) {
                throw ValidationError("Give one id, or lines with --from.")
            }
            if hide && show { throw ValidationError("--hide or --show, not both.") }
            if from != nil && (!isUnchanged || ifVersion != nil) {
                throw ValidationError("--from brings the changes and versions itself.")
            }
            if from == nil && isUnchanged {
                throw ValidationError("Say what changes: --title, --attribute, --hide …")
            }
            if from == nil && ifVersions {
                throw ValidationError("--if-versions needs --from; see --if-version.")
            }
        }

        /// The call that the options stand for, without --from.
        var request: PatchItemsRequest {
            PatchItemsRequest(
                patches: [
                    ItemPatch(
                        id: id ?? "", title: title,
                        setAttributes: attribute.map { KeyValue(key: $0.key, value: $0.value) },
                        removedAttributeKeys: removeAttribute,
                        state: hide ? .hidden : show ? .active : nil,
                        expiresAtSeconds: expiresAt, version: ifVersion ?? 0)
                ], author: write.writer, idempotencyKey: write.idempotency.key,
                ifVersion: ifVersion != nil)
        }

        func run() async throws {
            try await reporting {
                try await options.reportWrite(
                    request, from: from, method: "Gateway/PatchItems", list: "patches"
                ) { lines, number in
                    PatchItemsRequest(
                        patches: lines.flatMap(\.patches), author: write.writer,
                        idempotencyKey: write.idempotency.key(ofCall: number),
                        ifVersion: ifVersions)
                } send: { client, request, callOptions in
                    try await client.patchItems(request, options: callOptions)
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete items.",
            discussion: """
                EXAMPLES
                  llara item delete 2001 2002
                  llara item delete 2001 2002 --if-version 17,18
                  llara item delete --from ids.jsonl

                A line of --from is an id: "2001". Lines carry no versions:
                what is stored is deleted, whatever its version.
                """)

        @OptionGroup var options: GatewayOptions
        @OptionGroup var write: WriteOptions
        @Argument(help: "Ids of items.") var ids: [String] = []
        @Option(help: "Only if these are the stored versions, one for each id: V[,V…].")
        var ifVersion: VersionList?
        @Option(help: "JSON lines in a file, or - for standard input.", completion: .file())
        var from: String?

        func validate() throws {
            if ids.isEmpty == (from == nil) {
                throw ValidationError("Give ids, or lines with --from.")
            }
            try requireIDCount(ids.count)
            if from != nil && ifVersion != nil {
                throw ValidationError("--if-version needs ids: lines of --from carry no versions.")
            }
            if let ifVersion, ifVersion.versions.count != ids.count {
                throw ValidationError(
                    "--if-version has \(ifVersion.versions.count) versions for \(ids.count) ids.")
            }
        }

        /// The call that the options stand for, without --from.
        var request: DeleteItemsRequest {
            DeleteItemsRequest(
                itemIDs: ids, author: write.writer, idempotencyKey: write.idempotency.key,
                ifVersions: ifVersion?.versions ?? [])
        }

        func run() async throws {
            try await reporting {
                try await options.reportWrite(
                    request, from: from, method: "Gateway/DeleteItems", list: "item_ids"
                ) { lines, number in
                    DeleteItemsRequest(
                        itemIDs: lines.flatMap(\.itemIDs), author: write.writer,
                        idempotencyKey: write.idempotency.key(ofCall: number))
                } send: { client, request, callOptions in
                    try await client.deleteItems(request, options: callOptions)
                }
            }
        }
    }
}

extension GatewayOptions {
    /// Writes `single`, or with a file the lines of it in calls that `merge` makes of requests with
    /// one element each; prints what was done.
    ///
    /// - Parameters:
    ///   - method: whose request a line is an element of, in `list`.
    ///   - merge: the second argument counts the calls.
    func reportWrite<Request: WireMessage & Sendable>(
        _ single: Request, from file: String?, method: String, list: String,
        merging merge: ([Request], Int) -> Request,
        send: (GatewayClient, Request, CallOptions) async throws -> WriteResponse
    ) async throws {
        try await reportWrite { client, callOptions in
            guard let file else { return try await send(client, single, callOptions) }
            return try await JSONLines<Request>.write(from: file, method: method, list: list) {
                try await send(client, merge($0, $1), callOptions)
            }
        }
    }

    /// Makes a write and prints what it did.
    func reportWrite(
        _ body: (GatewayClient, CallOptions) async throws -> WriteResponse
    ) async throws {
        let response = try await withGateway { try await body(GatewayClient($0), callOptions) }
        Console.answer(
            json ? CatalogRendering.json(response).text() : CatalogRendering.text(response))
    }
}
