import Domain
import Evaluation
import Foundation
import Testing
import TrainingCore

@Suite("Files of scores")
struct ScoreFileTests {
    private let small: SmallEvaluation

    init() throws { small = try SmallEvaluation() }

    private var path: String { small.path("scores.jsonl") }

    private func scored(_ question: EvaluationQuestion, text: String? = "x") -> ScoredQuestion {
        let count = question.candidates.count
        return ScoredQuestion(
            question, srs: (0..<count).map { Double($0) / 3 },
            llm: (0..<count).map { $0 == 1 ? nil : -Double($0) / 7 }, text: text)
    }

    @Test("what was appended is there again, bit for bit")
    func appended() throws {
        let questions = try small.questions()
        do {
            let file = try ScoreFile(path: path, header: small.header())
            for question in questions { try file.append(scored(question)) }
        }
        let file = try ScoreFile(path: path, header: small.header())
        for question in questions {
            #expect(try file.scored(question, withText: true) == scored(question))
        }
    }

    @Test("a line that a killed process left cut off is taken away, and the next one is whole")
    func cutOff() throws {
        let questions = try small.questions()
        do {
            let file = try ScoreFile(path: path, header: small.header())
            for question in questions.prefix(2) { try file.append(scored(question)) }
        }
        let whole = try Data(contentsOf: URL(filePath: path))
        try whole.dropLast(5).write(to: URL(filePath: path))
        do {
            let file = try ScoreFile(path: path, header: small.header())
            #expect(try file.scored(questions[0], withText: true) != nil)
            #expect(try file.scored(questions[1], withText: true) == nil)
            try file.append(scored(questions[1]))
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == whole)
    }

    @Test("a file is read up to its limit, and refused beyond it, left as it is")
    func limit() throws {
        do {
            let file = try ScoreFile(path: path, header: small.header())
            try file.append(scored(small.questions()[0]))
        }
        let bytes = try Data(contentsOf: URL(filePath: path))
        let size = UInt64(bytes.count)
        #expect(throws: Never.self) {
            try ScoreFile(path: path, header: small.header(), mostBytes: size)
        }
        let refusal = #expect(throws: EvaluationFailure.self) {
            try ScoreFile(path: path, header: small.header(), mostBytes: size - 1)
        }
        #expect("\(refusal, default: "")".contains("more than \(size - 1) bytes"))
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }

    @Test("an answer without text does not count where text is wanted")
    func withoutText() throws {
        let question = try small.questions()[0]
        let file = try ScoreFile(path: path, header: small.header())
        try file.append(scored(question, text: nil))
        #expect(try file.scored(question, withText: false) != nil)
        #expect(try file.scored(question, withText: true) == nil)
    }

    @Test("scores of another evaluation are refused, and the message names what differs")
    func otherEvaluation() throws {
        _ = try ScoreFile(path: path, header: small.header())
        let others = [
            ("representation", try small.header(representation: .text)),
            (
                "seed",
                try SmallEvaluation(seed: 2).header()
            ),
            (
                "negatives",
                try ScoreFileHeader(
                    release: small.release,
                    rows: EvaluationRows(small.dataSet, negatives: 5), representation: .hybrid)
            ),
            (
                "part",
                try ScoreFileHeader(
                    release: small.release,
                    rows: EvaluationRows(small.dataSet, part: .validation, negatives: 4),
                    representation: .hybrid)
            ),
            (
                "release's files", try SmallEvaluation(isHybrid: false).header()
            ),
        ]
        for (name, header) in others {
            #expect {
                _ = try ScoreFile(path: path, header: header)
            } throws: {
                ($0 as? EvaluationFailure)?.message.contains(name) == true
            }
        }
    }

    @Test("other candidates for a row are refused")
    func otherCandidates() throws {
        let question = try small.questions()[0]
        let file = try ScoreFile(path: path, header: small.header())
        try file.append(scored(question))
        let row = EvaluationCase(
            userID: question.userID, history: question.history, target: question.target)
        let other = EvaluationQuestion(
            question.kind, of: row, candidates: question.candidates.reversed())
        #expect(throws: EvaluationFailure.self) { try file.scored(other, withText: false) }
    }

    @Test("a malformed line is refused by its number, and a file of something else at all")
    func malformed() throws {
        do {
            let file = try ScoreFile(path: path, header: small.header())
            try file.append(scored(try small.questions()[0]))
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("{\"kind\":\"list-wise\"}\n".utf8))
        try handle.close()
        #expect {
            _ = try ScoreFile(path: path, header: small.header())
        } throws: {
            ($0 as? EvaluationFailure)?.message.contains("scores.jsonl:3:") == true
        }
        let notes = small.path("notes.txt")
        try Data("hello\n".utf8).write(to: URL(filePath: notes))
        #expect(throws: EvaluationFailure.self) {
            _ = try ScoreFile(path: notes, header: small.header())
        }
        #expect(try Data(contentsOf: URL(filePath: notes)) == Data("hello\n".utf8))
    }
}
