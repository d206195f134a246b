/// Swift source with its comments and string literals blanked out.
///
/// What a rule finds is then code. Lines and columns stay, and so does code inside `\(…)`.
/// Regex literals are taken as code, which is right for rules about names and braces as long as
/// such a literal holds no lone quote or brace.
struct SwiftText {
    /// What comments, strings and interpolations begin or end with: all else is kept unseen.
    private let mayBegin = Set("/\"#()".utf8)
    private let bytes: [UInt8]
    private var position = 0
    private var output: [UInt8] = []

    /// The code of `source`.
    static func code(of source: String) -> String {
        var text = SwiftText(source)
        text.scanCode(untilParenthesis: false)
        return String(decoding: text.output, as: UTF8.self)
    }

    private init(_ source: String) {
        bytes = Array(source.utf8)
        output.reserveCapacity(bytes.count)
    }

    private func starts(_ text: String) -> Bool {
        bytes[position...].starts(with: text.utf8)
    }

    private mutating func keep(_ count: Int = 1) {
        output.append(contentsOf: bytes[position..<min(position + count, bytes.count)])
        position = min(position + count, bytes.count)
    }

    private mutating func blank(_ count: Int = 1) {
        for byte in bytes[position..<min(position + count, bytes.count)] {
            output.append(byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
        }
        position = min(position + count, bytes.count)
    }

    private mutating func scanCode(untilParenthesis: Bool) {
        var depth = 0
        while position < bytes.count {
            if !mayBegin.contains(bytes[position]) {
                keep()
            } else if starts("//") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank() }
            } else if starts("/*") {
                scanBlockComment()
            } else if let quote = quoteAhead() {
                scanString(hashes: quote.hashes, quotes: quote.quotes)
            } else {
                if bytes[position] == UInt8(ascii: "(") { depth += 1 }
                if bytes[position] == UInt8(ascii: ")") { depth -= 1 }
                keep()
                if untilParenthesis, depth == 0 { return }
            }
        }
    }

    private mutating func scanBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                blank(2)
            } else if starts("*/") {
                depth -= 1
                blank(2)
            } else {
                blank()
            }
        } while depth > 0 && position < bytes.count
    }

    /// The delimiter that begins here, such as one quote, three, or a hash and a quote.
    private func quoteAhead() -> (hashes: Int, quotes: Int)? {
        var index = position
        while index < bytes.count, bytes[index] == UInt8(ascii: "#") { index += 1 }
        let hashes = index - position
        let rest = bytes[index...]
        if rest.starts(with: "\"\"\"".utf8) { return (hashes, 3) }
        return rest.first == UInt8(ascii: "\"") ? (hashes, 1) : nil
    }

    private mutating func scanString(hashes: Int, quotes: Int) {
        let mark = String(repeating: "#", count: hashes)
        let end = String(repeating: "\"", count: quotes) + mark
        blank(hashes + quotes)
        while position < bytes.count {
            if starts(end) {
                blank(end.utf8.count)
                return
            } else if starts("\\" + mark + "(") {
                blank(1 + hashes)
                scanCode(untilParenthesis: true)
            } else if starts("\\" + mark) {
                blank(2 + hashes)
            } else {
                blank()
            }
        }
    }
}
