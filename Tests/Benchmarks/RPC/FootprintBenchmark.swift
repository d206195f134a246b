import ArgumentParser
import BenchmarkReport
import Foundation

/// What calls and connections take beside time.
struct FootprintBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "footprint",
        abstract: "Wire bytes and heap allocations of a call, memory of connections; beside gRPC.",
        discussion: """
            gRPC's calls are written as a client in its steady state writes them, every header \
            field one byte of index; neither side's call has a deadline or a trace. Memory is what \
            the server has written to (RssAnon) before and after connections of which each has \
            done its handshake. Allocations are counted by a library that stands before malloc \
            (LD_PRELOAD), the same for each server.
            """)

    @Option(help: "Bytes of a request, and of its response.")
    var bytes = 16
    @Option(help: "Idle connections.")
    var connections = 1_000
    @OptionGroup var pinning: PinningOptions
    @OptionGroup var options: MeasuringOptions

    private typealias Start = (_ environment: [String: String]) throws -> PinnedServer

    func validate() throws {
        guard (1...1_000).contains(connections) else {
            throw ValidationError("--connections must be 1 to 1000")
        }
    }

    func run() async throws {
        let counter = try Surroundings.compile("count_allocations.c", ["-shared", "-fPIC"])
        try await Surroundings.withTemporaryFolder { folder in
            let servers: [(start: Start, wire: String)] = [
                ({ try pinning.llara(environment: $0) }, "llara"),
                ({ try pinning.grpcSwift(environment: $0) }, "http2"),
                ({ try pinning.grpcCpp(environment: $0) }, "http2"),
            ]
            let calls = try servers.enumerated().map { index, server in
                try CallCosts(
                    counter: counter, file: folder.appending(path: "allocations-\(index)"),
                    start: server.start
                ) { try load($0, server.wire) }
            }
            let comparisons = [
                comparison("Wire bytes of a call of \(bytes) B each way", "B", calls.map(\.name)) {
                    try calls[$0].measure(pinning.seconds).wireBytes
                },
                comparison(
                    "Heap allocations of the server a call", "allocations", calls.map(\.name)
                ) {
                    try calls[$0].measure(pinning.seconds).allocations
                },
                comparison("\(connections) idle connections", "MB", calls.map(\.name)) {
                    try connectionMegabytes(servers[$0].start([:]), servers[$0].wire)
                },
            ]
            try await options.report(comparisons)
        }
    }

    private func load(_ server: PinnedServer, _ wire: String) throws -> PinnedLoad {
        try pinning.load(server, ["--bytes", "\(bytes)", "--wire", wire])
    }

    /// Ours beside the others, all lower.
    private func comparison(
        _ name: String, _ unit: String, _ names: [String],
        _ measure: @escaping (Int) throws -> Double
    ) -> Comparison {
        Comparison(
            name, unit: unit, ours: Contender(names[0]) { try measure(0) },
            baselines: names.indices.dropFirst().map { index in
                Contender(names[index], target: .ratioAtMost(1)) { try measure(index) }
            })
    }

    private func connectionMegabytes(_ server: PinnedServer, _ wire: String) throws -> Double {
        let load = try load(server, wire)
        // What the first calls leave behind is no connection's.
        _ = try load.ask(["seconds": 0.5, "inFlight": 16])
        let before = try anonymousMegabytes(server)
        _ = try load.ask(["idle": connections])
        return try anonymousMegabytes(server) - before
    }

    private func anonymousMegabytes(_ server: PinnedServer) throws -> Double {
        let status = try String(
            contentsOfFile: "/proc/\(server.process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
        guard let kilobytes = kilobytes.flatMap({ Double($0) }) else {
            throw BenchmarkFailure(description: "no RssAnon of \(server.name)")
        }
        return kilobytes * 1_024 / 1e6
    }
}

/// Calls to a server whose allocations are counted.
private struct CallCosts {
    var name: String { server.name }
    private let file: URL
    private let load: PinnedLoad
    private let server: PinnedServer

    init(
        counter: String, file: URL, start: ([String: String]) throws -> PinnedServer,
        load: (PinnedServer) throws -> PinnedLoad
    ) throws {
        try Data(count: MemoryLayout<UInt64>.size).write(to: file)
        self.file = file
        server = try start(["LD_PRELOAD": counter, "LLARA_ALLOCATIONS": file.path])
        self.load = try load(server)
    }

    /// Of one call, on average.
    func measure(_ seconds: Double) throws -> (wireBytes: Double, allocations: Double) {
        let before = try allocations()
        let answer = try load.ask(["seconds": seconds, "inFlight": 64])
        let counted = try allocations() - before
        return (answer["wireBytes"] / answer["calls"], Double(counted) / answer["calls"])
    }

    private func allocations() throws -> UInt64 {
        try Data(contentsOf: file).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }
}
