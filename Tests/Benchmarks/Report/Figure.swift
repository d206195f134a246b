/// What a figure has to reach beside a baseline of the same run.
public enum Target: Sendable, Hashable {
    /// Ours divided by the baseline, for times.
    case ratioAtMost(Double)
    /// Ours divided by the baseline, for rates.
    case ratioAtLeast(Double)
    /// Ours minus the baseline, in the figure's unit.
    case excessAtMost(Double)
}

/// Which of the repeats stands for a sample.
public enum Statistic: String, Sendable, Hashable, Codable {
    case median
    /// For a limit of the machine, which disturbance can only hide: the least time.
    case minimum
    /// As `minimum`, for a rate.
    case maximum
}

/// One thing that was measured, beside what it is held against.
public struct Figure: Sendable, Hashable {
    /// One measured contender.
    public struct Entry: Sendable, Hashable {
        /// What ran, with its version where it is not ours.
        public let name: String
        /// All that was measured.
        public let sample: Sample
        /// What stands for the sample.
        public let statistic: Statistic
        /// What our entry has to reach beside this one; nil where it stands for information.
        public let target: Target?

        /// An entry without target stands for information.
        public init(
            name: String, sample: Sample, statistic: Statistic = .median, target: Target? = nil
        ) {
            self.name = name
            self.sample = sample
            self.statistic = statistic
            self.target = target
        }

        /// The value that stands for the sample.
        public var value: Double {
            switch statistic {
            case .median: sample.median
            case .minimum: sample.minimum
            case .maximum: sample.maximum
            }
        }
    }

    /// What was measured, with its size and threads.
    public let name: String
    /// Such as `ms`, `rows/s`, `GFLOP/s`.
    public let unit: String
    /// What is judged.
    public let ours: Entry
    /// What it is held against.
    public let baselines: [Entry]

    /// A figure without baselines is not judged.
    public init(name: String, unit: String, ours: Entry, baselines: [Entry] = []) {
        self.name = name
        self.unit = unit
        self.ours = ours
        self.baselines = baselines
    }

    /// Ours divided by a baseline.
    public func ratio(to baseline: Entry) -> Double { ours.value / baseline.value }

    /// Whether the target beside this baseline is reached; nil without target.
    public func isReached(beside baseline: Entry) -> Bool? {
        switch baseline.target {
        case .ratioAtMost(let limit): ratio(to: baseline) <= limit
        case .ratioAtLeast(let limit): ratio(to: baseline) >= limit
        case .excessAtMost(let limit): ours.value - baseline.value <= limit
        case nil: nil
        }
    }
}
