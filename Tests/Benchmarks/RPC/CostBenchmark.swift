import ArgumentParser
import BenchmarkReport
import Foundation

/// Where the processor time of a call goes.
struct CostBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Microseconds of processor time that our server needs for a call, by part.",
        discussion: """
            Debian's linux-perf takes samples of the server under the closed loop of `unary`; each \
            counts for the part that its innermost known function belongs to. Taking samples costs \
            time itself.
            """)

    @Option(help: "Bytes of a request, and of its response.")
    var bytes = 1_024
    @Option(help: "Calls in flight.")
    var inFlight = 64
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    func run() async throws {
        try await Surroundings.withTemporaryFolder { folder in
            let server = try pinning.llara()
            let idleness = LoadIdleness()
            let load = try pinning.load(server, ["--bytes", "\(bytes)"], idleness)
            let profiler = try ServerProfiler(server, folder: folder)
            var parts: [ServerPart: [Double]] = [:]
            let comparison = Comparison(
                "Processor time of a call, \(bytes) B, \(inFlight) in flight", unit: "µs",
                ours: Contender(server.name) {
                    let before = try profiler.processorSeconds()
                    let shares = try profiler.start(seconds: pinning.seconds)
                    let answer = try load.ask(["seconds": pinning.seconds, "inFlight": inFlight])
                    let all = try (profiler.processorSeconds() - before) / answer["calls"] * 1e6
                    for (part, share) in try shares() {
                        parts[part, default: []].append(share * all)
                    }
                    return all
                })
            try await options.report([comparison]) {
                let costs = ServerPart.allCases.map { part in
                    // The first round does not count.
                    let values = Array((parts[part] ?? []).dropFirst())
                    let median = values.isEmpty ? 0 : Sample(values).median
                    return "\(part.rawValue) \(String(format: "%.1f", median))"
                }
                return ["Of it, medians in µs: \(costs.joined(separator: ", "))."] + idleness.notes
            }
        }
    }
}

/// What a server does for a call.
enum ServerPart: String, CaseIterable {
    /// Bytes to frames and messages.
    case decode
    /// Streams, windows, limits, and whose handler it is.
    case dispatch
    /// Making tasks, and changing between the threads of tasks and the event loop.
    case task
    /// Messages and statuses to bytes.
    case encode
    /// SwiftNIO's event loop and the kernel's sockets.
    case socket
    case other

    /// The part that a function belongs to, by a line with its mangled name; nil for one that works for many.
    init?(function: Substring) {
        func holds(_ names: [String]) -> Bool { names.contains { function.contains($0) } }
        if holds(["FrameDecoder", "5FrameO_6header", "PayloadReader", "MessageAssembly"]) {
            self = .decode
        } else if holds(["EncodedMessage", "5FrameO5write", "FrameOutput", "ServerResponder"]) {
            self = .encode
        } else if holds([
            "swift_task", "AsyncTask", "swift_job", "Continuation", "_dispatch", "futex",
            "sem_post",
            "SelectableEventLoopC7execute", "SelectableEventLoopC14_executeSlow",
        ]) {
            self = .task
        } else if function.contains("$s3RPC") {
            self = .dispatch
        } else if holds(["NIOPosix", "NIOCore"]) {
            self = .socket
        } else {
            return nil
        }
    }
}

/// Takes samples of a server's stacks by `perf`.
private struct ServerProfiler {
    private let server: PinnedServer
    private let file: String

    init(_ server: PinnedServer, folder: URL) throws {
        guard FileManager.default.isExecutableFile(atPath: Self.program) else {
            throw BenchmarkFailure(description: "no \(Self.program); install Debian's linux-perf")
        }
        self.server = server
        file = folder.appending(path: "perf.data").path
    }

    private static let program = "/usr/bin/perf"

    /// Processor time that the server has needed so far.
    func processorSeconds() throws -> Double {
        let path = "/proc/\(server.process.processIdentifier)/stat"
        // The program's name, in parentheses, may hold spaces.
        let fields = try String(contentsOfFile: path, encoding: .utf8).split(separator: ")").last?
            .split(separator: " ")
        guard let fields, fields.count > 12, let user = Double(fields[11]),
            let system = Double(fields[12])
        else { throw BenchmarkFailure(description: "\(path) says no time") }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Begins; the result waits for the end and gives the share of each part.
    func start(seconds: Double) throws -> () throws -> [ServerPart: Double] {
        let process = Process()
        process.executableURL = URL(filePath: Self.program)
        process.arguments = [
            "record", "-q", "-e", "cpu-clock", "-F", "1999", "-g", "-o", file, "-p",
            "\(server.process.processIdentifier)", "--", "sleep", "\(seconds)",
        ]
        // Threads of the cooperative pool block signals, and a program inherits that: perf would
        // never hear that its time is over.
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try process.run()
        return {
            process.waitUntilExit()
            return shares(try outputOf(Self.program, ["script", "-i", file, "-F", "ip,sym"]))
        }
    }

    /// Stacks, innermost function first, with an empty line behind each.
    private func shares(_ script: String) -> [ServerPart: Double] {
        var counts: [ServerPart: Double] = [:]
        var samples = 0.0
        for stack in script.split(separator: "\n\n") {
            let part = stack.split(separator: "\n").lazy
                .compactMap { ServerPart(function: $0) }.first
            counts[part ?? .other, default: 0] += 1
            samples += 1
        }
        return counts.mapValues { $0 / max(1, samples) }
    }
}
