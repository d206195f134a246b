import ArgumentParser
import RPC
import ServiceAPI
import Wire

/// A prompt and candidates of text, as `rank` and `generate` take them.
struct PromptOptions: ParsableArguments {
    @Argument(help: "The prompt, or - for standard input.") var prompt: String
    @Argument(help: "Titles; each is scored as in training: a blank before, a newline after.")
    var candidates: [String] = []

    func validate() throws {
        let bytes = prompt.utf8.count
        if bytes > CommandLimits.maximumPromptBytes {
            throw ValidationError(
                "The prompt has \(bytes) bytes, more than \(CommandLimits.maximumPromptBytes).")
        }
        if candidates.count > CommandLimits.maximumIDs {
            throw ValidationError(
                "\(candidates.count) candidates are too many; at most \(CommandLimits.maximumIDs).")
        }
    }

    /// The prompt as one segment of text.
    func segments() throws -> [PromptSegment] {
        guard prompt == "-" else { return [.text(prompt)] }
        let lines = try LineReader(
            path: "-", maximumLineBytes: CommandLimits.maximumPromptBytes)
        var text = ""
        while let line = try lines.next() {
            text += (text.isEmpty ? "" : "\n") + line
            guard text.utf8.count <= CommandLimits.maximumPromptBytes else {
                throw CommandError(
                    .badData, "the prompt has more than \(CommandLimits.maximumPromptBytes) bytes",
                    advice: "shorten it; the LLM's context holds a few thousand tokens")
            }
        }
        return [.text(text)]
    }

    /// The candidates, the title itself as id; one given twice gets its place as id.
    var rankCandidates: [RankCandidate] {
        var seen: Set<String> = []
        return candidates.enumerated().map { index, title in
            let id = seen.insert(title).inserted ? title : "\(title) #\(index + 1)"
            return RankCandidate(id: id, text: " \(title)\n")
        }
    }
}

/// `llara rank`: log-likelihoods of titles after a prompt, straight from a ranker.
struct RankCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rank",
        abstract: "Score titles after a prompt, straight by a ranker.",
        discussion: """
            EXAMPLES
              llara rank "The sequel of the film Alien is" Aliens "The Piano" Fargo
              llara rank - Aliens Fargo --explain < prompt.txt
              llara rank "Next film:" Aliens Fargo --ranker 127.0.0.1:7403 --json
            """)

    @OptionGroup var options: RankerOptions
    @OptionGroup var prompt: PromptOptions
    @Flag(help: "Also show the prompt's tokens.") var explain = false

    func validate() throws {
        if prompt.candidates.isEmpty { throw ValidationError("Give one title at least.") }
    }

    func run() async throws {
        try await reporting {
            let request = RankRequest(
                release: options.release, adapter: options.adapter, prompt: try prompt.segments(),
                candidates: prompt.rankCandidates, explain: explain)
            let response = try await options.withRanker { caller in
                try await RankerClient(caller).rank(request, options: options.answer.callOptions)
            }
            let rendering = RankRendering(answer: response, explains: explain)
            Console.answer(
                options.answer.json
                    ? rendering.json.text() : rendering.text(in: Console.terminal))
        }
    }
}

/// `llara generate`: text after a prompt, token by token, straight from a ranker.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Let a ranker's LLM go on after a prompt, free or as one of given titles.",
        discussion: """
            The text is on standard output as it comes, the figures on standard error.

            EXAMPLES
              llara generate "The sequel of the film Alien is"
              llara generate "The sequel of the film Alien is" Aliens "The Piano" Fargo
              llara generate "Once upon a time" --tokens 40 --temperature 0.8 --seed 7
            """)

    @OptionGroup var options: RankerOptions
    @OptionGroup var prompt: PromptOptions
    @Option(help: "Most tokens, 1 to \(CommandLimits.maximumTokens).") var tokens = 64
    @Option(help: "0 takes the most likely token each time; 1 draws as the LLM says.")
    var temperature: Float = 0
    @Option(help: "Seed of the draws.") var seed: UInt64 = 0

    func validate() throws {
        if !(1...CommandLimits.maximumTokens).contains(tokens) {
            throw ValidationError("--tokens takes 1 to \(CommandLimits.maximumTokens).")
        }
        if !(0...CommandLimits.maximumTemperature).contains(temperature) {
            throw ValidationError(
                "--temperature takes 0 to \(Int(CommandLimits.maximumTemperature)).")
        }
    }

    func run() async throws {
        try await reporting {
            let request = GenerateRequest(
                release: options.release, adapter: options.adapter, prompt: try prompt.segments(),
                candidates: prompt.rankCandidates, maximumTokenCount: tokens,
                temperature: temperature, seed: seed)
            let callOptions = options.answer.callOptions
            let printsText = !options.answer.json
            let rendering = try await options.withRanker { caller in
                try await RankerClient(caller).generate(request, options: callOptions) { stream in
                    var rendering = GenerationRendering()
                    for try await response in stream {
                        rendering.add(response)
                        if printsText { Console.write(DisplayText.lines(response.text)) }
                    }
                    return rendering
                }
            }
            guard printsText else { return Console.answer(rendering.json.text()) }
            Console.write(rendering.text.hasSuffix("\n") ? "" : "\n")
            Console.notice(rendering.facts(in: Console.errorTerminal) + "\n")
        }
    }
}
