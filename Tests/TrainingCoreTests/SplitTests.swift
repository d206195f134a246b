import DataSets
import Testing
import TrainingCore

@Suite("Splits")
struct SplitTests {
    private func rows(_ list: [(String, String, Float, Int64)]) -> [Interaction] {
        list.map { Interaction(userID: $0.0, itemID: $0.1, rating: $0.2, timeSeconds: $0.3) }
    }

    @Test("leave-one-out: last item tests, second last validates, the rest trains")
    func leaveOneOut() {
        let split = Split(
            rows([
                ("u", "c", 1, 30), ("u", "a", 5, 10), ("v", "x", 3, 5), ("u", "b", 2, 20),
                ("u", "d", 4, 40),
            ]), rule: .leaveOneOut)
        // v came first, and one interaction alone trains only.
        #expect(
            split.training == [
                UserSequence(userID: "v", itemIDs: ["x"]),
                UserSequence(userID: "u", itemIDs: ["a", "b"]),
            ])
        #expect(
            split.validation == [EvaluationCase(userID: "u", history: ["a", "b"], target: "c")])
        #expect(
            split.test == [EvaluationCase(userID: "u", history: ["a", "b", "c"], target: "d")])
        #expect(split.usersWithoutRow == 1)
        #expect(split.validationSequences.isEmpty)
    }

    @Test("users: ratings below 3 are dropped and users divided 8:1:1 in order of first time")
    func users() {
        // User n starts at time n; its first kept item is at n + 0.
        var list: [(String, String, Float, Int64)] = []
        for user in (0..<20).reversed() {
            let name = "u\(user)"
            list.append((name, "low", 2, Int64(user) - 100))
            for item in 0..<13 { list.append((name, "i\(item)", 3, Int64(user + item))) }
        }
        let split = Split(rows(list), rule: .users, minimumRating: 3)
        #expect(split.training.map(\.userID) == (0..<16).map { "u\($0)" })
        #expect(split.validationSequences.map(\.userID) == ["u16", "u17"])
        #expect(split.validation.map(\.userID) == ["u16", "u17"])
        #expect(split.test.map(\.userID) == ["u18", "u19"])
        #expect(split.test[0].target == "i12")
        #expect(split.test[0].history == (2..<12).map { "i\($0)" })
        #expect(split.training.allSatisfy { !$0.itemIDs.contains("low") })
    }

    @Test("a test user with one interaction gives no row and is counted")
    func singleInteraction() {
        var list: [(String, String, Float, Int64)] = []
        for user in 0..<10 {
            list.append(("u\(user)", "a", 4, Int64(user)))
            if user != 9 { list.append(("u\(user)", "b", 4, Int64(user) + 50)) }
        }
        let split = Split(rows(list), rule: .users)
        #expect(split.training.count == 8)
        #expect(split.validation.count == 1)
        #expect(split.test.isEmpty)
        #expect(split.usersWithoutRow == 1)
    }

    @Test("equal times keep the file's order, for items and for users")
    func ties() {
        let list = rows([
            ("v", "b", 3, 7), ("u", "z", 3, 7), ("v", "a", 3, 7), ("u", "y", 3, 7),
            ("v", "c", 3, 7),
        ])
        let split = Split(list, rule: .leaveOneOut)
        #expect(split.training.map(\.userID) == ["v", "u"])
        #expect(split.test.map(\.target) == ["c"])
        #expect(split.validation.map(\.target) == ["a"])
    }

    @Test("users without ratings, or without a least rating, keep all that they did")
    func unrated() {
        let unrated = (0..<10).flatMap { user in
            ["a", "b"].map { Interaction(userID: "u\(user)", itemID: $0) }
        }
        #expect(Split(unrated, rule: .users, minimumRating: 3).test.map(\.target) == ["b"])
        let low = rows((0..<10).flatMap { [("u\($0)", "a", 1, 1), ("u\($0)", "b", 2, 2)] })
        #expect(Split(low, rule: .users).test.map(\.target) == ["b"])
        #expect(Split(low, rule: .users, minimumRating: 2).test.isEmpty)
    }

    @Test("published: the parts that come with the data, sequences in the file's order")
    func published() {
        func rows(_ user: String, _ part: Interaction.Part, _ items: [String]) -> [Interaction] {
            items.map { Interaction(userID: user, itemID: $0, part: part) }
        }
        let split = Split(
            rows("t", .test, ["b", "a", "c"]) + rows("u", .train, ["c", "a"])
                + rows("v", .validation, ["a", "b"]) + rows("w", .validation, ["b"]),
            rule: .published)
        #expect(split.training == [UserSequence(userID: "u", itemIDs: ["c", "a"])])
        #expect(split.validationSequences.map(\.itemIDs) == [["a", "b"], ["b"]])
        #expect(
            split.validation == [EvaluationCase(userID: "v", history: ["a"], target: "b")])
        #expect(split.test == [EvaluationCase(userID: "t", history: ["b", "a"], target: "c")])
        #expect(split.usersWithoutRow == 1)
    }

    @Test("no interactions give an empty split")
    func nothing() {
        for rule in SplitRule.allCases {
            let split = Split([], rule: rule)
            #expect(split.training.isEmpty && split.validation.isEmpty && split.test.isEmpty)
        }
    }

    @Test("the users rule yields LLaRA's division of MovieLens-100K, row for row")
    func realUsers() throws {
        let split = try MovieLens.folder().dataSet(rule: .users).split
        #expect(split.training.count == 754)
        #expect(split.validation.count == 94)
        #expect(split.test.count == 95)
        // LLaRA counts 66,127 training rows: prefixes of at least three items.
        let rows: [Int] = split.training.map { max(0, $0.itemIDs.count - 3) }
        #expect(rows.reduce(0, +) == 66_127)
        #expect(String(split.stableHash, radix: 16) == "86b6ddb9661ecf39")
    }

    @Test("the leave-one-out rule yields 943 rows of MovieLens-100K, row for row")
    func realLeaveOneOut() throws {
        let split = try MovieLens.folder().dataSet(rule: .leaveOneOut).split
        let trained: Int = split.training.map(\.itemIDs.count).reduce(0, +)
        #expect(trained == 98_114)
        #expect(split.validation.count == 943)
        #expect(split.test.count == 943)
        #expect(split.usersWithoutRow == 0)
        #expect(String(split.stableHash, radix: 16) == "198a5e4f99caf672")
    }
}
