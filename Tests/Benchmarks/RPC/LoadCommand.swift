import ArgumentParser
import BenchmarkReport
import Foundation
import Histogram

/// The load of `benchmark rpc`: a process of its own that makes calls when told to.
///
/// Asked for `{"seconds": 3, "inFlight": 64}` it keeps so many calls in flight, for `{"seconds": 3,
/// "rate": 1000}` it begins so many a second, for `{"idle": 1000}` it opens so many connections
/// that stay.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "The load of the other commands.", shouldDisplay: false)

    /// What the server speaks.
    enum WireName: String, ExpressibleByArgument {
        case llara, frames, http2
    }

    @Option(help: "The server's port on this machine.")
    var port: UInt16
    @Option(help: "What it speaks: llara, frames (no calls, only their messages) or http2.")
    var wire = WireName.llara
    @Option(help: "Bytes of a request.")
    var bytes = 1_024
    @Option(help: "Rows of a tensor that is sent instead.")
    var rows = 0
    @Option(help: "Columns of it.")
    var columns = 0
    @Option(help: "Milliseconds that a call may take, as the server is told; 0 for no limit.")
    var timeout = 0

    func run() throws {
        // The timers of a process are late by up to 50 µs unless it asks for less.
        try Data("1".utf8).write(to: URL(filePath: "/proc/self/timerslack_ns"))
        var loop = try LoadLoop(port: port, wire: makeWire())
        var idle: [LoadLoop] = []
        try say(["versions": [String: String]()])
        while let line = readLine() {
            let request =
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            let seconds = request["seconds"] as? Double ?? 1
            if let count = request["idle"] as? Int {
                for _ in 0..<count {
                    idle.append(try LoadLoop(port: port, wire: makeWire(), bufferBytes: 4_096))
                }
                try say(["value": idle.count])
            } else if let rate = request["rate"] as? Double {
                try say(answer(loop.open(rate: rate, seconds: seconds)))
            } else {
                let inFlight = request["inFlight"] as? Int ?? 1
                try say(answer(loop.closed(inFlight: inFlight, seconds: seconds)))
            }
        }
    }

    private func makeWire() -> any LoadWire {
        let content =
            rows > 0
            ? LlaraWire.content(rows: rows, columns: columns) : LlaraWire.content(bodyBytes: bytes)
        return switch wire {
        case .llara: LlaraWire(.calls, content: content, timeoutMilliseconds: timeout)
        case .frames: LlaraWire(.frames, content: content)
        case .http2: HTTP2Wire(bodyBytes: bytes)
        }
    }

    private func answer(_ result: LoadResult) -> [String: Any] {
        func milliseconds(_ times: Histogram<UInt32>, _ percentile: Double) -> Double {
            times.totalCount == 0 ? 0 : Double(times.valueAtPercentile(percentile)) / 1e6
        }
        return [
            "value": Double(result.successes) / result.seconds, "calls": result.calls,
            "idle": result.idleShare, "wireBytes": result.wireBytes,
            "p50": milliseconds(result.successTimes, 50),
            "p99": milliseconds(result.successTimes, 99),
            "failures": result.failures, "refusals": result.refusalTimes.totalCount,
            "refusalP50": milliseconds(result.refusalTimes, 50),
            "refusalP99": milliseconds(result.refusalTimes, 99),
        ]
    }
}
