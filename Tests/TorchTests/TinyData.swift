import Foundation
import TrainingCore

/// A made-up data set whose users walk through the items in a circle, so that it can be learned.
enum TinyData {
    static func dataSet(
        users: Int = 20, items: Int = 12, length: Int = 9, rule: SplitRule = .leaveOneOut
    ) throws -> DataSet {
        var interactions: [Interaction] = []
        for user in 0..<users {
            for step in 0..<length {
                interactions.append(
                    Interaction(
                        userID: "u\(user)", itemID: "i\((user + step) % items)", rating: 4,
                        timeSeconds: Int64(user * 100 + step)))
            }
        }
        return try DataSet(
            name: "tiny", domain: "movie",
            items: (0..<items).map { DataItem(id: "i\($0)", title: "Title \($0)", year: 1990) },
            interactions: interactions, minimumRating: 3, rule: rule)
    }
}
