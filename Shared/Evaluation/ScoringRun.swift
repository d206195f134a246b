/// Answers questions one after the other and stores each answer when it is there.
public struct ScoringRun {
    private let recommender: ReleaseRecommender
    private let prompts: QuestionPrompts
    private let scorer: PromptScorer?
    private let file: ScoreFile?

    /// A run; without `scorer` only the recommender answers, and nothing is stored.
    public init(
        _ recommender: ReleaseRecommender, prompts: QuestionPrompts, scorer: PromptScorer? = nil,
        file: ScoreFile? = nil
    ) {
        self.recommender = recommender
        self.prompts = prompts
        self.scorer = scorer
        self.file = file
    }

    /// The questions with their answers, in their order.
    ///
    /// A user's questions are asked one after the other, so that the engine reads their history
    /// once.
    ///
    /// - Parameters:
    ///   - generates: whether list-wise questions are also answered freely.
    ///   - progress: how many questions were answered, and how many of them just now.
    public func answers(
        to questions: [EvaluationQuestion], generates: Bool,
        progress: (_ done: Int, _ asked: Int) -> Void = { _, _ in }
    ) async throws -> [ScoredQuestion] {
        var places: [String: Int] = [:]
        for question in questions where places[question.userID] == nil {
            places[question.userID] = places.count
        }
        let order = questions.indices.sorted {
            let users = (places[questions[$0].userID] ?? 0, places[questions[$1].userID] ?? 0)
            return users.0 != users.1 ? users.0 < users.1 : $0 < $1
        }
        var answers = [ScoredQuestion?](repeating: nil, count: questions.count)
        var asked = 0
        for (done, index) in order.enumerated() {
            try Task.checkCancellation()
            let (answer, isNew) = try await self.answer(
                questions[index], generates: generates && questions[index].kind == .listWise)
            answers[index] = answer
            asked += isNew ? 1 : 0
            progress(done + 1, asked)
        }
        return answers.compactMap { $0 }
    }

    private func answer(
        _ question: EvaluationQuestion, generates: Bool
    ) async throws -> (ScoredQuestion, isNew: Bool) {
        guard let scorer else {
            let srs = try recommender.scores(
                of: question.candidates, after: prompts.history(of: question))
            return (ScoredQuestion(question, srs: srs), false)
        }
        if let known = try file?.scored(question, withText: generates) { return (known, false) }
        let answer = try await scorer.answer(question, generates: generates)
        try file?.append(answer)
        return (answer, true)
    }
}
