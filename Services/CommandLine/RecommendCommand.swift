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
              llara recommend --user 42 --representation text --explain
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
    @Option(help: "A release's name (default: the active one).") var release: String?
    @Option(help: "A fact about the situation, KEY=VALUE; may be repeated.")
    var context: [PairArgument] = []
    @Flag(help: "Also print the prompt.") var explain = false
    @Option(help: "Answer as of this catalog version or a later one.") var minVersion: UInt64?
    @Flag(help: "First print the newest part of the user's history.") var history = false

    func validate() throws {
        if user == nil && sequence == nil {
            throw ValidationError("Name a user with --user, or give a --sequence.")
        }
        if history && user == nil {
            throw ValidationError("--history needs --user: only stored users have one.")
        }
        if !(1...WireLimits.maximumCandidates).contains(count) {
            throw ValidationError("--count takes 1 to \(WireLimits.maximumCandidates).")
        }
        if !(1...WireLimits.maximumCandidates).contains(candidateCount) {
            throw ValidationError("--candidate-count takes 1 to \(WireLimits.maximumCandidates).")
        }
    }

    func run() async throws {
        try await reporting {
            let (past, answer) = try await options.withGateway { caller in
                let client = GatewayClient(caller)
                var past: GetUserResponse?
                if history, let user {
                    past = try await client.getUser(
                        GetUserRequest(userID: user, count: Self.historyCount),
                        options: options.callOptions)
                }
                return (past, try await client.recommend(request, options: options.callOptions))
            }
            let rendering = RecommendationRendering(
                answer: answer, history: past, explains: explain)
            Console.answer(options.json ? rendering.json.text() : rendering.text)
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
            minVersion: minVersion ?? 0, explain: explain)
    }
}
