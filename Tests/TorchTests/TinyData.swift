import Foundation
import TrainingCore

/// A made-up data set whose users walk through the items in a circle, so that it can be learned.
enum TinyData {
    static func dataSet(
        users: Int = 20, items: Int = 12, length: Int = 9, rule: SplitRule = .leaveOneOut
    ) throws -> DataSet {
        var interactions = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        for user in 0..<users {
            for step in 0..<length {
                interactions += "u\(user)\ti\((user + step) % items)\t4\t\(user * 100 + step)\n"
            }
        }
        var catalog = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        for item in 0..<items { catalog += "i\(item)\tTitle \(item)\t1990\tDrama\n" }
        return try DataSet(
            directory: "/tiny", fileNames: ["t.inter", "t.item"], rule: rule
        ) { path in
            Array((path.hasSuffix(".item") ? catalog : interactions).utf8)
        }
    }
}
