/// How long calls of a method take: smoothed mean and mean deviation, with RFC 6298's weights.
struct ServiceTime {
    private(set) var mean = Duration.zero
    private var deviation = Duration.zero
    private var isKnown = false

    /// What most calls do not exceed; zero before the first sample, when nothing is refused for it.
    var upperBound: Duration { mean + deviation * 2 }

    mutating func add(_ sample: Duration) {
        guard isKnown else {
            (mean, deviation, isKnown) = (sample, sample / 2, true)
            return
        }
        let error = sample - mean
        deviation += ((error < .zero ? .zero - error : error) - deviation) / 4
        mean += error / 8
    }
}
