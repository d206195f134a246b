import ArgumentParser
import BenchmarkReport
import Foundation
import RPC
import ServiceAPI
import Wire

/// Recommendations in the encoder's order, by a gateway of its own that has no ranker.
struct FallbackBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "srs",
        abstract: "Recommendations without LLM: calls a second and latency, closed loop.")

    @Option(help: "PostgreSQL, as a libpq URL, with the demo's catalog.")
    var database: String
    @Option(help: "The encoder, HOST:PORT.")
    var encoder: String
    @Option(help: "Folder of the release.")
    var release = Surroundings.repository.appending(path: "Deploy/releases/movielens-100k").path
    @Option(help: "Calls in flight.")
    var inFlight = 16
    @Option(help: "Seconds of a repeat.")
    var seconds = 3
    @Option(help: "Stored users, asked in turn; ids 1 and up. Those without history are left out.")
    var users = 900
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        guard inFlight > 0, seconds > 0, users > 0 else {
            throw ValidationError("--in-flight, --seconds and --users must be at least 1")
        }
        try await Surroundings.withTemporaryFolder { folder in
            let process = try await start(folder)
            defer {
                process.terminate()
                process.waitUntilExit()
            }
            let address = try String(
                contentsOf: folder.appending(path: "address"), encoding: .utf8)
            try await withGateway(address.trimmingCharacters(in: .whitespacesAndNewlines)) {
                try await measure($0, process.processIdentifier)
            }
        }
    }

    private func measure(_ gateway: GatewayClient, _ process: Int32) async throws {
        let asked = try await withHistory(gateway)
        let machine = Machine.current()
        let progress = MeasurementProgress()
        var rates: [Double] = []
        var ratesPerCore: [Double] = []
        var latencies: [Double] = []
        var p99: [Double] = []
        for turn in 0...options.repeats {
            progress.show("srs", finished: turn, of: options.repeats + 1)
            let before = try cpuSeconds(of: process)
            let start = ContinuousClock.now
            let times = try await window(gateway, asking: asked)
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            let used = try cpuSeconds(of: process) - before
            guard turn > 0 else { continue }
            let sample = Sample(times)
            rates.append(Double(times.count) / elapsed)
            ratesPerCore.append(Double(times.count) / used)
            latencies.append(sample.median)
            p99.append(sample.percentile(99))
        }
        progress.end()
        func figure(_ name: String, _ unit: String, _ values: [Double]) -> Figure {
            Figure(
                name: "Recommend without LLM, \(inFlight) in flight: \(name)", unit: unit,
                ours: .init(name: "llara-gateway", sample: Sample(values)))
        }
        try options.show(
            Report(
                machine: machine,
                figures: [
                    figure("answers", "calls/s", rates),
                    figure("a second of the gateway's own CPU time", "calls", ratesPerCore),
                    figure("p50", "ms", latencies), figure("p99", "ms", p99),
                ],
                notes: ["Client, gateway, encoder and PostgreSQL share the machine's cores."]))
    }

    /// The users that the encoder has something to go by for.
    private func withHistory(_ gateway: GatewayClient) async throws -> [String] {
        var asked: [String] = []
        for user in (1...users).map(String.init) {
            do {
                let stored = try await gateway.getUser(
                    GetUserRequest(userID: user, count: 1), options: .init(timeout: .seconds(10)))
                if stored.interactionCount > 0 { asked.append(user) }
            } catch let error as RPCError where error.code == .notFound {
                continue
            }
        }
        guard !asked.isEmpty else {
            throw BenchmarkFailure(description: "no user has a history: is it the demo's catalog?")
        }
        return asked
    }

    /// Milliseconds of each call that ended in a window.
    private func window(
        _ gateway: GatewayClient, asking asked: [String]
    ) async throws -> [Double] {
        let end = ContinuousClock.now + .seconds(seconds)
        return try await withThrowingTaskGroup(of: [Double].self) { group in
            for worker in 0..<inFlight {
                group.addTask {
                    var times: [Double] = []
                    while ContinuousClock.now < end {
                        let user = asked[(worker + times.count * inFlight) % asked.count]
                        let start = ContinuousClock.now
                        let response = try await gateway.recommend(
                            RecommendRequest(userID: user),
                            options: .init(timeout: .seconds(10)))
                        times.append((ContinuousClock.now - start).milliseconds)
                        guard response.provenance?.rankedBy == "srs" else {
                            throw Self.failure(response)
                        }
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// An answer from another rung of the ladder, with the reasons that it gives.
    private static func failure(_ response: RecommendResponse) -> BenchmarkFailure {
        let reasons = response.degradations.map { "\($0.stage), \($0.reason): \($0.message)" }
        return BenchmarkFailure(
            description: "an answer by \(response.provenance?.rankedBy ?? "nobody"), not by srs; "
                + reasons.joined(separator: "; "))
    }

    /// A gateway beside the running one, whose ranker's and projector's port answers nobody.
    private func start(_ folder: URL) async throws -> Process {
        let nobody = "127.0.0.1:1"
        let address = folder.appending(path: "address").path
        let log = folder.appending(path: "log")
        try Data().write(to: log)
        let process = Process()
        process.executableURL = Surroundings.repository
            .appending(path: ".build/release/llara-gateway")
        process.arguments = [
            "--listen", "127.0.0.1:0", "--address-file", address, "--release", release,
            "--database", database, "--encoder", encoder, "--projector", nobody,
            "--ranker", nobody,
        ]
        process.standardOutput = try FileHandle(forWritingTo: log)
        process.standardError = process.standardOutput
        try process.run()
        let deadline = ContinuousClock.now + .seconds(30)
        while !FileManager.default.fileExists(atPath: address) {
            guard process.isRunning, ContinuousClock.now < deadline else {
                process.terminate()
                let text = try String(contentsOf: log, encoding: .utf8)
                throw BenchmarkFailure(description: "the gateway does not start: \(text)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return process
    }

    /// User and system time of a process.
    private func cpuSeconds(of process: Int32) throws -> Double {
        let line = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        // The name may hold spaces; what follows its parenthesis begins with the third field.
        let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { throw BenchmarkFailure(description: "/proc/\(process)/stat cannot be read") }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
