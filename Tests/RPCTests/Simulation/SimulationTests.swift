import Testing

@testable import RPC

@Suite("Simulated connections", .timeLimit(.minutes(3)))
struct SimulationTests {
    @Test(
        "every call ends once, whole and in order, whatever the network and the readers do",
        arguments: 0..<40 as Range<UInt64>)
    func seeds(block: UInt64) throws {
        for seed in block * 25..<(block + 1) * 25 {
            var simulation = ConnectionSimulation(seed: seed)
            do {
                try simulation.run()
            } catch {
                Issue.record("seed \(seed): \(error)")
            }
        }
    }
}
