import ArgumentParser
import BenchmarkReport
import Foundation

/// What every measurement takes.
struct MeasuringOptions: ParsableArguments {
    @Option(help: "How often each contender is measured.")
    var repeats = 9

    @Flag(help: "One JSON object on standard output.")
    var json = false

    func validate() throws {
        guard repeats > 0 else { throw ValidationError("--repeats must be at least 1") }
    }

    /// Runs the comparisons one after another and prints their report.
    ///
    /// - Parameter notes: called when all is measured.
    func report(_ comparisons: [Comparison], notes: () -> [String] = { [] }) async throws {
        let machine = Machine.current()
        let progress = MeasurementProgress()
        var figures: [Figure] = []
        for comparison in comparisons {
            figures.append(try await comparison.run(repeats: repeats, progress: progress))
        }
        try show(Report(machine: machine, figures: figures, notes: notes()))
    }

    /// Prints the report, and ends with 1 where a target is missed.
    func show(_ report: Report) throws {
        FileHandle.standardOutput.write(
            json ? try report.json() + Data("\n".utf8) : Data(report.text.utf8))
        if !report.isReached { throw ExitCode(1) }
    }
}

/// For what is measured with several numbers of threads.
struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads, for ours and for the baselines; several are measured one by one.")
    var threads: [Int] = [1, 2]

    func validate() throws {
        guard threads.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--threads must be at least 1")
        }
    }
}
