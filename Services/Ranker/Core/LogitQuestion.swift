internal import Domain

/// What is wanted of one position's logits.
///
/// Logits are a vocabulary wide and live in the engine's buffer: they are read where they are, and
/// only answers leave.
public enum LogitQuestion: Sendable, Equatable {
    /// The log-probabilities of these tokens among the whole vocabulary.
    case logProbabilities([Int32])
    /// A token among `allowed`, or the whole vocabulary for nil: the most likely one at
    /// temperature 0, else drawn by `uniform` from 0..<1.
    case choice(allowed: [Int32]?, temperature: Float, uniform: Double)

    /// Reads the answer.
    public func answer(_ logits: UnsafeBufferPointer<Float>) -> LogitAnswer {
        switch self {
        case .logProbabilities(let tokens):
            guard let normaliser = logSumExp(logits), normaliser.isFinite else {
                return .notFinite
            }
            return .logProbabilities(tokens.map { Double(logits[Int($0)]) - normaliser })
        case .choice(nil, let temperature, let uniform):
            return choose(logits, temperature, uniform) { Int32($0) }
        case .choice(let allowed?, let temperature, let uniform):
            let values = allowed.map { logits[Int($0)] }
            return values.withUnsafeBufferPointer {
                choose($0, temperature, uniform) { allowed[$0] }
            }
        }
    }

    private func choose(
        _ logits: UnsafeBufferPointer<Float>, _ temperature: Float, _ uniform: Double,
        token: (Int) -> Int32
    ) -> LogitAnswer {
        guard let normaliser = logSumExp(logits), normaliser.isFinite,
            let best = indexOfGreatest(logits)
        else { return .notFinite }
        let index =
            temperature > 0
            ? draw(logits, Double(temperature), uniform, greatest: Double(logits[best])) : best
        return .choice(
            token: token(index), logProbability: Double(logits[index]) - normaliser)
    }
}

/// What was read.
public enum LogitAnswer: Sendable, Equatable {
    /// In the order asked, in nats.
    case logProbabilities([Double])
    /// The chosen token and its log-probability among those allowed, at temperature 1, in nats.
    case choice(token: Int32, logProbability: Double)
    /// The model's output is no number.
    case notFinite
}

/// The first of the greatest values.
private func indexOfGreatest(_ values: UnsafeBufferPointer<Float>) -> Int? {
    guard var greatest = values.first else { return nil }
    var best = 0
    var index = 0
    while index < values.count {
        if values[index] > greatest {
            greatest = values[index]
            best = index
        }
        index += 1
    }
    return best
}

/// The value at which the running sum of exp(value / temperature) passes `uniform` of its total.
private func draw(
    _ values: UnsafeBufferPointer<Float>, _ temperature: Double, _ uniform: Double,
    greatest: Double
) -> Int {
    func weight(_ index: Int) -> Double {
        exponential((Double(values[index]) - greatest) / temperature)
    }
    var total = 0.0
    var index = 0
    while index < values.count {
        total += weight(index)
        index += 1
    }
    var left = uniform * total
    index = 0
    while index < values.count - 1 {
        left -= weight(index)
        if left < 0 { return index }
        index += 1
    }
    return index
}
