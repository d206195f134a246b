import Testing

@testable import RPC

/// Promise 8: under overload refusals are fast and goodput is kept.
@Suite("Overload")
struct OverloadTests {
    private static let seconds = 5.0
    private static let warmUp = 2.0

    /// Measures its minimum latency several times within a run.
    private var configuration: AdmissionConfiguration {
        var adaptive = AdaptiveConcurrency.defaults
        adaptive.measurementInterval = .seconds(1)
        var configuration = AdmissionConfiguration.defaults
        configuration.concurrency = .adaptive(adaptive)
        return configuration
    }

    private func run(
        load: Double, deadline: Double, seed: UInt64
    ) -> (share: Double, result: OverloadSimulation.Result) {
        let peak = 1_000.0
        let simulation = OverloadSimulation(
            seed: seed, arrivalsPerSecond: peak * load, deadlineSeconds: deadline,
            admission: configuration)
        #expect(simulation.peakPerSecond == peak)
        let result = simulation.run(seconds: Self.seconds, warmUp: Self.warmUp)
        return (Double(result.good) / (peak * (Self.seconds - Self.warmUp)), result)
    }

    @Test(
        "four times the load leaves 0.9 of the peak, and nearly every refusal is immediate",
        arguments: [0.02, 0.05, 0.2, 2], 0..<2 as Range<UInt64>)
    func fourfold(deadline: Double, seed: UInt64) {
        let (share, result) = run(load: 4, deadline: deadline, seed: seed)
        #expect(share >= 0.9)
        let slow = result.refusals.filter { $0 >= .milliseconds(5) }.count
        #expect(Double(slow) <= 0.001 * Double(result.refusals.count))
        #expect(Double(result.late) <= 0.01 * Double(result.good))
        #expect(result.longestQueue <= 1_000)
        #expect(result.refusals.count > 8_000)
    }

    @Test("below the peak next to nothing is refused", arguments: 0..<2 as Range<UInt64>)
    func halfLoad(seed: UInt64) {
        let (_, result) = run(load: 0.5, deadline: 0.05, seed: seed)
        #expect(result.good > 1_250)
        #expect(Double(result.refusals.count + result.late) < 0.01 * Double(result.good))
    }

    @Test("when the work becomes three times as long, goodput is what the cores can then do")
    func slowdown() {
        var simulation = OverloadSimulation(
            seed: 3, arrivalsPerSecond: 4_000, deadlineSeconds: 0.1, admission: configuration)
        simulation.slowdown = (second: 2, factor: 3)
        let result = simulation.run(seconds: 8, warmUp: 4)
        #expect(Double(result.good) >= 0.9 * 4 * 1_000 / 3)
        #expect(Double(result.late) <= 0.01 * Double(result.good))
    }

    @Test("a handler that only waits is not held back, whatever the load")
    func waitingHandler() {
        var simulation = OverloadSimulation(
            seed: 3, arrivalsPerSecond: 4_000, deadlineSeconds: 0.2, admission: configuration)
        simulation.cores = .infinity
        simulation.workSeconds = 0.02
        let result = simulation.run(seconds: 5, warmUp: 2)
        // 4,000 a second of 20 ms: 80 at a time.
        #expect(result.good > 11_500)
        #expect(Double(result.refusals.count + result.late) < 0.001 * Double(result.good))
    }

    @Test("the same load without admission leaves next to nothing: the simulation can tell")
    func without() {
        let simulation = OverloadSimulation(
            seed: 1, arrivalsPerSecond: 4_000, deadlineSeconds: 0.05, admission: nil)
        #expect(simulation.run(seconds: 2, warmUp: 1).good < 300)
    }
}
