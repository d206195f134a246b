import Domain

@testable import RPC

/// A server of a few cores in virtual time, whose handlers compute and share the cores evenly.
struct OverloadSimulation {
    struct Result {
        /// Calls that ended before their deadline.
        var good = 0
        /// Calls that were refused, and how long after they came.
        var refusals: [Duration] = []
        /// Calls that were taken and not done in time.
        var late = 0
        var longestQueue = 0
    }

    private struct Running {
        var call: Int
        var started: Double
        /// Seconds of one core's work left.
        var work: Double
    }

    /// Infinitely many make a handler that only waits.
    var cores = 2.0
    var workSeconds = 0.002
    /// From this second on the work takes so many times as long.
    var slowdown: (second: Double, factor: Double)?
    let arrivalsPerSecond: Double
    let deadlineSeconds: Double
    /// Without it every call is started at once.
    var admission: AdmissionController<Int>?

    private var generator: SeededGenerator
    private var now = 0.0
    private var running: [Running] = []
    private var arrivals: [Double] = []
    private var result = Result()

    /// What the cores can do at best.
    var peakPerSecond: Double { cores / workSeconds }

    init(
        seed: UInt64, arrivalsPerSecond: Double, deadlineSeconds: Double,
        admission: AdmissionConfiguration?
    ) {
        generator = SeededGenerator(seed: seed)
        self.arrivalsPerSecond = arrivalsPerSecond
        self.deadlineSeconds = deadlineSeconds
        self.admission = admission.map { AdmissionController($0, now: start) }
    }

    /// What happens before `warmUp` does not count.
    consuming func run(seconds: Double, warmUp: Double) -> Result {
        var nextArrival = gap()
        while now < seconds {
            // Each of n calls has min(1, cores / n) of a core.
            let rate = min(1, cores / Double(max(1, running.count)))
            let first = running.indices.min { running[$0].work < running[$1].work }
            let nextEnd = first.map { now + running[$0].work / rate } ?? .infinity
            let next = min(nextArrival, nextEnd)
            for index in running.indices { running[index].work -= (next - now) * rate }
            now = next
            if nextArrival <= nextEnd {
                arrive(counts: now >= warmUp)
                nextArrival = now + gap()
            } else if let first {
                end(running.remove(at: first), warmUp: warmUp)
            }
            if admission == nil { giveUp(warmUp: warmUp) }
        }
        return result
    }

    private var instant: ContinuousClock.Instant { start + .seconds(now) }

    private mutating func gap() -> Double {
        -logarithm(1 - Double.random(in: 0..<1, using: &generator)) / arrivalsPerSecond
    }

    private mutating func arrive(counts: Bool) {
        let call = arrivals.count
        arrivals.append(now)
        let instant = instant
        let deadline = instant + .seconds(deadlineSeconds)
        switch admission?.arrived(call, deadline: deadline, now: instant) ?? .start {
        case .start: begin(call)
        case .wait: result.longestQueue = max(result.longestQueue, admission?.waitingCalls ?? 0)
        case .refuse: if counts { result.refusals.append(.zero) }
        }
    }

    private mutating func begin(_ call: Int) {
        var work = workSeconds * Double.random(in: 0.8...1.2, using: &generator)
        if let slowdown, now >= slowdown.second { work *= slowdown.factor }
        running.append(Running(call: call, started: now, work: work))
    }

    private mutating func end(_ ended: Running, warmUp: Double) {
        let (came, instant) = (arrivals[ended.call], instant)
        if now >= warmUp {
            if now - came <= deadlineSeconds { result.good += 1 } else { result.late += 1 }
        }
        let turns =
            admission?.ended(
                started: start + .seconds(ended.started), isSuccess: true, now: instant) ?? []
        for turn in turns {
            switch turn {
            case .start(let call): begin(call)
            case .refuse(let call, _):
                if now >= warmUp {
                    result.refusals.append(.seconds(now - arrivals[call]))
                }
            }
        }
    }

    /// Handlers are stopped at their deadlines.
    private mutating func giveUp(warmUp: Double) {
        let before = running.count
        running = running.filter { now - arrivals[$0.call] <= deadlineSeconds }
        if now >= warmUp { result.late += before - running.count }
    }
}
