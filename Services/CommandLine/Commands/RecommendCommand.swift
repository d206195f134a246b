import ArgumentParser
import Domain
import RPC
import ServiceAPI
import Wire

/// `llara recommend`: one ranked answer.
struct RecommendCommand: AsyncParsableCommand {
    /// Interactions shown by --history: as many as the prompt shows the LLM.
    static let historyCount = 10

    static let configuration = CommandConfiguration(
        commandName: "recommend",
        abstract: "Ranked items for a user, with what stands behind them.",
        discussion: """
            EXAMPLES
              llara recommend --user 42 --count 10 --history
              llara recommend --user 42 --filter 'year>=1990' --filter genres=Comedy
              llara recommend --user 42 --representation text --explain
              llara recommend --user 42 --stream
              llara recommend --sequence 50,172 --candidates 1,7,181
              llara recommend --user 42 --min-version 17 --timeout 2s --json
            """)

    @OptionGroup var options: GatewayOptions
    @Option(help: "The user whose stored sequence is used.") var user: String?
    @Option(help: "Items in the answer.") var count = 10
    @Option(help: "Rank just these items, ID[,ID…]; without it the encoder retrieves them.")
    var candidates: IdentifierList?
    @Option(help: "Candidates that the LLM ranks.") var candidateCount = 20
    @Option(help: "History of an anonymous user, oldest first, ID[,ID…].")
    var sequence: IdentifierList?
    @Option(help: "Items that must not be answered, ID[,ID…].") var exclude: IdentifierList?
    @Flag(help: "Items of the history may be answered.") var includeSeen = false
    @Option(help: "text, behavioural, hybrid or index (default: the release's own).")
    var representation: Representation?
    @Option(help: "A release, NAME or NAME@IDENTITY (default: the active one).") var release:
        String?
    @Option(help: "A fact about the situation, KEY=VALUE; may be repeated.")
    var context: [PairArgument] = []
    @Option(help: FilterArgument.help) var filter: [FilterArgument] = []
    @Option(help: "Newest items unknown to the release that join the candidates (default: 2).")
    var fresh: Int?
    @Flag(help: "No item unknown to the release joins the candidates.") var noFresh = false
    @Flag(help: "Also print each part of each score, the prompt and its tokens.")
    var explain = false
    @Flag(help: "Print the recommender's order at once, the LLM's when it is ready.")
    var stream = false
    @Option(help: "Answer as of this catalog version or a later one.") var minVersion: UInt64?
    @Flag(help: "First print the newest part of the user's history.") var history = false

    func validate() throws {
        if user == nil && sequence == nil {
            throw ValidationError("Name a user with --user, or give a --sequence.")
        }
        if history && user == nil {
            throw ValidationError("--history needs --user: only stored users have one.")
        }
        if !(1...CommandLimits.maximumAnswer).contains(count) {
            throw ValidationError("--count takes 1 to \(CommandLimits.maximumAnswer).")
        }
        if !(1...WireLimits.maximumCandidates).contains(candidateCount) {
            throw ValidationError("--candidate-count takes 1 to \(WireLimits.maximumCandidates).")
        }
        if fresh != nil && noFresh { throw ValidationError("--fresh or --no-fresh, not both.") }
        if let fresh, !(1...CommandLimits.maximumFresh).contains(fresh) {
            throw ValidationError(
                "--fresh takes 1 to \(CommandLimits.maximumFresh); --no-fresh for none.")
        }
        try requireIDCount(candidates?.ids.count ?? 0)
        try requireIDCount(sequence?.ids.count ?? 0, limit: WireLimits.maximumHistory)
        try requireIDCount(exclude?.ids.count ?? 0, limit: CommandLimits.maximumExclusions)
    }

    func run() async throws {
        try await reporting {
            try await options.withGateway { caller in
                let client = GatewayClient(caller)
                var past: GetUserResponse?
                if history, let user {
                    past = try await client.getUser(
                        GetUserRequest(userID: user, count: Self.historyCount),
                        options: options.callOptions)
                }
                guard stream else {
                    let answer = try await client.recommend(request, options: options.callOptions)
                    return Console.answer(rendered(answer, past, Console.terminal))
                }
                try await show(client, past)
            }
        }
    }

    /// Prints each answer of the stream; on a terminal the final one replaces the one before.
    private func show(_ client: GatewayClient, _ past: GetUserResponse?) async throws {
        let rendered = rendered
        let terminal = Console.terminal
        let replaces = !options.json && terminal.rows != nil
        try await client.recommendStream(request, options: options.callOptions) { answers in
            var live = LiveText()
            for try await answer in answers {
                let text = rendered(answer, past, terminal)
                if replaces {
                    Console.write(live.frame(text, in: terminal))
                } else {
                    Console.answer(text)
                }
            }
        }
    }

    private var rendered: @Sendable (RecommendResponse, GetUserResponse?, Terminal) -> String {
        { [json = options.json, explain] answer, past, terminal in
            let rendering = RecommendationRendering(
                answer: answer, history: past, explains: explain)
            return json ? rendering.json.text() : rendering.text(in: terminal)
        }
    }

    /// The call that the options stand for.
    var request: RecommendRequest {
        RecommendRequest(
            userID: user ?? "",
            sequence: sequence.map { ItemSequence(items: $0.ids.map { HistoryItem(itemID: $0) }) },
            candidateItemIDs: candidates?.ids ?? [], count: count, candidateCount: candidateCount,
            excludedItemIDs: exclude?.ids ?? [], includeSeen: includeSeen,
            representation: representation, release: release ?? "",
            context: context.isEmpty
                ? nil
                : RequestContext(values: context.map { KeyValue(key: $0.key, value: $0.value) }),
            minVersion: minVersion ?? 0, explain: explain, filters: filter.map(\.filter),
            freshItems: fresh ?? 0, withoutFreshItems: noFresh)
    }
}
