import Domain
import Wire

/// Log-likelihoods of titles for people and for programs.
struct RankRendering {
    let answer: RankResponse
    let explains: Bool

    /// `{candidates: [{id, log_likelihood, mean_log_likelihood, token_count}], …}` in the order
    /// asked; `prompt_tokens` only when asked for.
    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("release", .string(answer.release)),
            .init("candidates", .array(answer.candidates.map(Self.json))),
            .init("prompt_token_count", .integer(Int64(answer.promptTokenCount))),
            .init("evaluated_token_count", .integer(Int64(answer.evaluatedTokenCount))),
            .init("reused_token_count", .integer(Int64(answer.reusedTokenCount))),
            .init("queue_milliseconds", .number(Figures.rounded(answer.queueMilliseconds, 3))),
            .init("compute_milliseconds", .number(Figures.rounded(answer.computeMilliseconds, 3))),
        ]
        if explains {
            members.append(.init("prompt_tokens", PromptTokenRendering(answer.promptTokens).json))
        }
        return .object(members)
    }

    private static func json(_ candidate: RankedCandidate) -> JSONValue {
        .object([
            .init("id", .string(candidate.id)),
            .init(
                "log_likelihood", candidate.scored ? .number(candidate.logLikelihood) : .null),
            .init(
                "mean_log_likelihood",
                candidate.scored ? .number(candidate.meanLogLikelihood) : .null),
            .init("token_count", .integer(Int64(candidate.tokenCount))),
        ])
    }

    /// Best first; what was not reached before the deadline stands last.
    func text(in terminal: Terminal = .none) -> String {
        var table = TextTable([
            .right("Rank"), .itemTitle, .right("Sum (nats)"), .right("Tokens"),
            .right("By token (nats)"),
        ])
        let best = answer.candidates.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.scored != b.scored { return a.scored }
            if a.scored, a.logLikelihood != b.logLikelihood {
                return a.logLikelihood > b.logLikelihood
            }
            return left.offset < right.offset
        }
        for (rank, entry) in best.enumerated() {
            let candidate = entry.element
            table.add([
                "\(rank + 1)", candidate.id,
                candidate.scored ? Figures.decimal(candidate.logLikelihood, 3) : "not reached",
                "\(candidate.tokenCount)",
                candidate.scored ? Figures.decimal(candidate.meanLogLikelihood, 3) : "",
            ])
        }
        var blocks = [table.text(in: terminal), facts(in: terminal)]
        if explains {
            blocks.append(PromptTokenRendering(answer.promptTokens).text(in: terminal))
        }
        return blocks.joined(separator: "\n\n")
    }

    private func facts(in terminal: Terminal) -> String {
        FactList([
            ("Release", answer.release), ("Prompt", "\(answer.promptTokenCount) positions"),
            (
                "Tokens",
                "\(answer.evaluatedTokenCount) evaluated, \(answer.reusedTokenCount) reused"
            ),
            (
                "Time",
                "queue \(Figures.decimal(answer.queueMilliseconds, 1)) ms, compute "
                    + "\(Figures.decimal(answer.computeMilliseconds, 1)) ms"
            ),
        ]).text(in: terminal)
    }
}

/// The positions of a prompt.
struct PromptTokenRendering {
    private let tokens: [PromptToken]

    init(_ tokens: [PromptToken]) { self.tokens = tokens }

    /// `{id, text}` a token, `{item_id, role, row}` a vector.
    ///
    /// Bytes that are no UTF-8 by themselves are replaced.
    var json: JSONValue {
        .array(
            tokens.map { token in
                token.isVector
                    ? .object([
                        .init("item_id", .string(token.itemID)),
                        .init("role", .string(token.role)),
                        .init("row", .integer(Int64(token.row))),
                    ])
                    : .object([
                        .init("id", .integer(Int64(token.id))),
                        .init("text", .string(String(decoding: token.text, as: UTF8.self))),
                    ])
            })
    }

    /// The tokens one after the other, a bar between them; `⏎` is a newline.
    func text(in terminal: Terminal = .none) -> String {
        let line = tokens.map { token in
            if token.isVector {
                if token.role == VectorRole.user.rawValue { return "<user>" }
                return "<item:\(token.itemID.isEmpty ? "row \(token.row)" : token.itemID)>"
            }
            let text = String(decoding: token.text, as: UTF8.self)
            return DisplayText.line(text.replacing("\n", with: "⏎"))
        }.joined(separator: "|")
        let lines = DisplayText.wrapped(line, to: terminal.columns ?? 100)
        return terminal.styled("Tokens (\(tokens.count))", .bold) + "\n"
            + lines.joined(separator: "\n")
    }
}
