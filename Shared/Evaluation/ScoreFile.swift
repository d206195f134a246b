public import Domain
internal import Foundation
public import Releases
internal import TrainingCore

/// What the scores of a file depend on; those of another file must not be mixed with them.
public struct ScoreFileHeader: Sendable, Hashable, Codable {
    /// Name and version of the format.
    public static let format = "llara-scores 1"

    var format = Self.format
    /// The release's name, for a person.
    let release: String
    /// SHA-256 of all in the manifest that scores depend on: files, LLM and prompt, but neither
    /// name nor fusion weights, so that fitting these keeps the scores.
    let partsSHA256: String
    /// SHA-256 of the split's canonical text.
    let splitSHA256: String
    /// `test` or `validation`.
    let part: String
    /// Seed of negatives and shuffles.
    let seed: UInt64
    /// Random negatives of a list-wise question.
    let negatives: Int
    /// What items look like in the prompts.
    let representation: String

    private enum CodingKeys: String, CodingKey {
        case format, release, part, seed, negatives, representation
        case partsSHA256 = "parts_sha256"
        case splitSHA256 = "split_sha256"
    }

    /// The header of a release's scores.
    public init(
        release: Release, rows: EvaluationRows, representation: Representation
    ) throws {
        self.release = release.manifest.name
        var scored = release.manifest
        scored.name = "scored"
        scored.fusion = .init(llm: 0, srs: 0)
        scored.training = .init(
            dataset: "", split: "", splitSHA256: [], seed: 0, recipe: [:], metrics: [:],
            created: "")
        partsSHA256 = sha256(of: try scored.encoded()).hexadecimal
        splitSHA256 = rows.splitSHA256.hexadecimal
        part = rows.part.rawValue
        seed = rows.seed
        negatives = rows.negatives
        self.representation = representation.rawValue
    }

    /// Names of the fields that differ, the release's own name aside.
    func differences(from other: Self) -> [String] {
        [
            ("format", format == other.format),
            ("release's files", partsSHA256 == other.partsSHA256),
            ("split", splitSHA256 == other.splitSHA256), ("part", part == other.part),
            ("seed", seed == other.seed), ("negatives", negatives == other.negatives),
            ("representation", representation == other.representation),
        ].filter { !$0.1 }.map(\.0)
    }
}

/// Scored questions as JSON lines, appended as they are computed.
///
/// A process that is killed leaves at most one line that is cut off, which the next run takes away.
public final class ScoreFile {
    /// Largest file that is read, in bytes; a question takes about 1 KB.
    public static let maximumBytes: UInt64 = 1 << 30

    private var known: [EvaluationQuestion.Key: ScoredQuestion] = [:]
    private let handle: FileHandle

    /// Opens a file of the same header, or begins one.
    ///
    /// - Throws: ``EvaluationFailure`` for a file of other scores or of more than `mostBytes`, and
    ///   for a malformed line by its number.
    public init(
        path: String, header: ScoreFileHeader, mostBytes: UInt64 = maximumBytes
    ) throws {
        let place = URL(fileURLWithPath: path)
        if !FileManager.default.fileExists(atPath: path) {
            try Self.line(header).write(to: place)
        }
        handle = try FileHandle(forUpdating: place)
        guard try handle.seekToEnd() <= mostBytes else {
            throw EvaluationFailure(
                "\(path) has more than \(mostBytes) bytes",
                next: "another --scores")
        }
        try handle.seek(toOffset: 0)
        let bytes = try handle.readToEnd() ?? Data()
        let end = bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        var lineNumber = 0
        for line in bytes[..<end].split(separator: 0x0A, omittingEmptySubsequences: false)
            .dropLast()
        {
            lineNumber += 1
            if lineNumber == 1 {
                try Self.require(Data(line), header, path)
            } else {
                let scored = try Self.scored(Data(line), "\(path):\(lineNumber)")
                known[scored.question.key] = scored
            }
        }
        guard lineNumber > 0 else {
            throw EvaluationFailure(
                "\(path) is no file of scores",
                next: "another --scores")
        }
        try handle.truncate(atOffset: UInt64(end))
        try handle.seekToEnd()
    }

    deinit { try? handle.close() }

    /// What was answered before; nil when it was not, or not all that is wanted now.
    ///
    /// - Throws: ``EvaluationFailure`` when the file's candidates are others.
    public func scored(
        _ question: EvaluationQuestion, withText: Bool
    ) throws -> ScoredQuestion? {
        guard let found = known[question.key], !withText || found.text != nil else { return nil }
        guard found.question.candidates == question.candidates else {
            throw EvaluationFailure(
                "the file of scores holds other candidates for a row",
                next: "another --scores, or "
                    + "the --candidates that it was made with")
        }
        return ScoredQuestion(question, srs: found.srs, llm: found.llm, text: found.text)
    }

    /// Appends an answer; it is on its way to the disk when this returns.
    public func append(_ scored: ScoredQuestion) throws {
        try handle.write(contentsOf: Self.line(ScoreLine(scored)))
        known[scored.question.key] = scored
    }

    private static func require(_ line: Data, _ header: ScoreFileHeader, _ path: String) throws {
        guard let found = try? JSONDecoder().decode(ScoreFileHeader.self, from: line) else {
            throw EvaluationFailure(
                "\(path) is no file of scores",
                next: "another --scores")
        }
        let differences = found.differences(from: header)
        guard differences.isEmpty else {
            throw EvaluationFailure(
                "\(path) holds scores of another evaluation (\(differences.joined(separator: ", ")))",
                next: "another --scores, or the options that it was made with")
        }
    }

    private static func scored(_ line: Data, _ place: String) throws -> ScoredQuestion {
        guard let scored = (try? JSONDecoder().decode(ScoreLine.self, from: line))?.scored else {
            throw EvaluationFailure(
                "\(place): no scored question",
                next: "remove that line, and it is scored again")
        }
        return scored
    }

    private static func line(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value) + [0x0A]
    }
}

/// A line of the file.
private struct ScoreLine: Codable {
    let kind: EvaluationQuestion.Kind
    let draw: Int
    let user: String
    let target: String
    let candidates: [String]
    let srs: [Double]
    let llm: [Double?]?
    let text: String?

    init(_ scored: ScoredQuestion) {
        kind = scored.question.kind
        draw = scored.question.draw
        user = scored.question.userID
        target = scored.question.target
        candidates = scored.question.candidates
        srs = scored.srs
        llm = scored.llm
        text = scored.text
    }

    /// nil when the lists do not belong together.
    var scored: ScoredQuestion? {
        guard srs.count == candidates.count, llm.map({ $0.count == candidates.count }) ?? true
        else { return nil }
        return ScoredQuestion(
            EvaluationQuestion(
                kind, draw: draw,
                of: .init(userID: user, history: [], target: target), candidates: candidates),
            srs: srs, llm: llm, text: text)
    }
}
