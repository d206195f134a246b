import Domain
import Evaluation
import Releases
import TestSupport
import TrainingCore

/// A made-up data set of 30 users and 40 films, and a random release that is told not to know its
/// test rows.
struct SmallEvaluation {
    static let itemIDs = (1...40).map(String.init)

    let folder: ScratchFolder
    let dataSet: DataSet
    let rows: EvaluationRows
    let release: Release

    init(isHybrid: Bool = true, seed: UInt64 = 1) throws {
        folder = try ScratchFolder()
        dataSet = try DataSet(
            name: "small", domain: "movie",
            items: Self.itemIDs.map { DataItem(id: $0, title: "Film Number \($0)", year: 1990) },
            interactions: Self.interactions, minimumRating: 3, rule: .users)
        rows = EvaluationRows(dataSet, negatives: 4, seed: seed)
        release = try RandomRelease(
            itemIDs: Self.itemIDs, splitSHA256: rows.splitSHA256, isHybrid: isHybrid
        ).release
    }

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    func prompts(representation: Representation? = nil) throws -> QuestionPrompts {
        try QuestionPrompts(
            of: release, representation: representation, titles: rows.titles, seed: 1)
    }

    func header(representation: Representation = .hybrid) throws -> ScoreFileHeader {
        try ScoreFileHeader(release: release, rows: rows, representation: representation)
    }

    func questions(_ kind: EvaluationQuestion.Kind = .listWise) throws -> [EvaluationQuestion] {
        rows.questions(kind, draw: 0, sets: try rows.candidateSets(draw: 0))
    }

    private static var interactions: [Interaction] {
        var generator = SeededGenerator(seed: 5)
        return (1...30).flatMap { user in
            var items = itemIDs
            generator.shuffle(&items)
            return items.prefix(6).enumerated().map { place, item in
                Interaction(
                    userID: "u\(user)", itemID: item, rating: 5,
                    timeSeconds: Int64(user * 100 + place))
            }
        }
    }
}
