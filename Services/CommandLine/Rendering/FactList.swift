/// Names and values, one a line; a value beyond the terminal's width goes on below itself.
struct FactList {
    private let facts: [(name: String, value: String)]

    /// Takes the facts in order; those without a value are left out.
    init(_ facts: [(String, String)]) {
        self.facts = facts.filter { !$0.1.isEmpty }.map { ($0.0, DisplayText.line($0.1)) }
    }

    /// The lines, values aligned.
    func text(in terminal: Terminal = .none) -> String {
        let indent = (facts.map { DisplayText.width($0.name) }.max() ?? 0) + 2
        return facts.map { name, value in
            let blanks = String(repeating: " ", count: indent - DisplayText.width(name))
            let lines = terminal.columns.map { DisplayText.wrapped(value, to: $0 - indent) }
            let rest = "\n" + String(repeating: " ", count: indent)
            return terminal.styled(name, .dim) + blanks
                + (lines?.joined(separator: rest) ?? value)
        }.joined(separator: "\n")
    }
}
