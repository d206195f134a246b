import ArgumentParser
import BenchmarkReport
import Foundation

/// What every measurement takes.
struct MeasuringOptions: ParsableArguments {
    @Option(help: "How often each contender is measured.")
    var repeats = 9

    @Option(help: "Threads, for ours and for the baselines; several are measured one by one.")
    var threads: [Int] = [1, 2]

    @Flag(help: "One JSON object on standard output.")
    var json = false

    func validate() throws {
        guard repeats > 0 else { throw ValidationError("--repeats must be at least 1") }
        guard threads.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--threads must be at least 1")
        }
    }

    /// Runs the comparisons one after another, prints the report, and ends with 1 where a target
    /// is missed.
    func report(
        notes: [String] = [], _ comparisons: (Machine) throws -> [Comparison]
    ) async throws {
        let machine = Machine.current()
        let progress = MeasurementProgress()
        var figures: [Figure] = []
        for comparison in try comparisons(machine) {
            figures.append(try await comparison.run(repeats: repeats, progress: progress))
        }
        let report = Report(machine: machine, figures: figures, notes: notes)
        FileHandle.standardOutput.write(
            json ? try report.json() + Data("\n".utf8) : Data(report.text.utf8))
        if !report.isReached { throw ExitCode(1) }
    }
}
