import BenchmarkReport
import Foundation

/// A load in a process of its own, on one core.
struct PinnedLoad {
    /// Before the servers, so that it ends first: a server may wait for its connections' end.
    private let process: BaselineProcess
    /// A server ends with the last who knows it.
    private let servers: [PinnedServer]
    private let name: String
    private let idleness: LoadIdleness

    /// - Parameters:
    ///   - arguments: of `benchmark rpc`.
    ///   - name: in the note of `idleness`, which gets what the load says of itself.
    init(
        of servers: [PinnedServer], core: Int, _ arguments: [String], name: String,
        _ idleness: LoadIdleness
    ) throws {
        self.servers = servers
        self.name = name
        self.idleness = idleness
        process = try BaselineProcess(
            executable: "/usr/bin/taskset",
            arguments: ["-c", "\(core)", PinningOptions.program, "rpc"] + arguments)
    }

    /// Makes calls as the request says.
    func ask(_ request: [String: Any]) throws -> LoadAnswer {
        let answer = LoadAnswer(try process.ask(request))
        idleness.add(answer["idle"], of: name)
        return answer
    }
}

/// The share of the time in which each load did not need its core.
final class LoadIdleness {
    /// Below it the load, not the server, may limit.
    private static let leastShare = 0.2
    private var shares: [String: [Double]] = [:]

    func add(_ share: Double, of load: String) { shares[load, default: []].append(share) }

    /// One sentence.
    var notes: [String] {
        let least = shares.sorted { $0.key < $1.key }.map { name, shares in
            let share = shares.min() ?? 0
            let verdict = share < Self.leastShare ? ", too little: that row does not count" : ""
            return "\(name) \(Int((share * 100).rounded())) %\(verdict)"
        }
        return ["Idle share of the load's core, at least: \(least.joined(separator: "; "))."]
    }
}

/// Numbers that a load has answered.
struct LoadAnswer {
    private let values: [String: Any]

    init(_ values: [String: Any]) { self.values = values }

    /// NaN, which reaches no target, for what is not there.
    subscript(_ name: String) -> Double { (values[name] as? NSNumber)?.doubleValue ?? .nan }
}
