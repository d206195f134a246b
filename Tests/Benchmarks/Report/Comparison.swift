/// Something that can be measured again and again.
public struct Contender {
    let name: String
    let statistic: Statistic
    let target: Target?
    let measure: () async throws -> Double

    /// - Parameters:
    ///   - name: what runs, with its version where it is not ours.
    ///   - measure: takes one measurement, in the unit of the figure.
    public init(
        _ name: String, statistic: Statistic = .median, target: Target? = nil,
        measure: @escaping () async throws -> Double
    ) {
        self.name = name
        self.statistic = statistic
        self.target = target
        self.measure = measure
    }

    /// Measures the milliseconds that `body` takes.
    public static func milliseconds(
        _ name: String, statistic: Statistic = .median, target: Target? = nil,
        _ body: @escaping () async throws -> Void
    ) -> Contender {
        Contender(name, statistic: statistic, target: target) {
            let start = ContinuousClock.now
            try await body()
            return (ContinuousClock.now - start).milliseconds
        }
    }
}

extension Duration {
    /// As a number of milliseconds.
    public var milliseconds: Double { self / .milliseconds(1) }
}

/// Measures ours and its baselines in turns, so that a disturbance of the machine meets all.
public struct Comparison {
    let name: String
    let unit: String
    let ours: Contender
    let baselines: [Contender]

    /// - Parameter name: what is measured, with its size and threads.
    public init(_ name: String, unit: String, ours: Contender, baselines: [Contender] = []) {
        self.name = name
        self.unit = unit
        self.ours = ours
        self.baselines = baselines
    }

    /// One turn that does not count, then `repeats` that do: ours, each baseline, ours, ….
    ///
    /// - Parameter pause: before each measurement, in which threads of the contender before stop
    ///   spinning; those of OpenMP do it for up to 200 ms.
    public func run(
        repeats: Int, pause: Duration = .milliseconds(250), progress: MeasurementProgress
    ) async throws -> Figure {
        let contenders = [ours] + baselines
        var values = contenders.map { _ in [Double]() }
        let rounds = max(1, repeats) + 1
        for round in 0..<rounds {
            for (index, contender) in contenders.enumerated() {
                progress.show(
                    name, finished: round * contenders.count + index,
                    of: rounds * contenders.count)
                try await Task.sleep(for: pause)
                let value = try await contender.measure()
                if round > 0 { values[index].append(value) }
            }
        }
        progress.end()
        let entries = zip(contenders, values).map { contender, values in
            Figure.Entry(
                name: contender.name, sample: Sample(values), statistic: contender.statistic,
                target: contender.target)
        }
        return Figure(name: name, unit: unit, ours: entries[0], baselines: Array(entries[1...]))
    }
}
