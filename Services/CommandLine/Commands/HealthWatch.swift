import Glibc
import RPC
import ServiceAPI
import Synchronization
import Wire

/// `llara health --watch`: a line for every change of every replica.
struct HealthWatch {
    /// Between two attempts at a replica that is away.
    private static let retryDelay = Duration.seconds(1)

    let request: HealthCheckRequest
    let printsJSON: Bool
    let connection: ConnectionOptions
    /// When it is over; nil is when the process ends.
    let end: ContinuousClock.Instant?

    /// Watches all replicas at once.
    func run(_ replicas: [RPCAddress]) async {
        await withTaskGroup(of: Void.self) { group in
            for address in replicas { group.addTask { await watch(address) } }
        }
    }

    private var isOver: Bool { end.map { .now >= $0 } ?? false }

    private func watch(_ address: RPCAddress) async {
        let changes = Changes(address: address, printsJSON: printsJSON)
        while !isOver {
            do {
                let left = end.map { ContinuousClock.now.duration(to: $0) }
                try await connection.withConnection(to: address) { caller in
                    try await HealthClient(caller).watch(
                        request, options: CallOptions(timeout: left)
                    ) { stream in
                        for try await response in stream { changes.show(response) }
                    }
                }
            } catch {
                if isOver { return }
                changes.show(nil, problem: CommandError(error).message)
            }
            try? await Task.sleep(for: Self.retryDelay)
        }
    }
}

/// What a replica said last.
private final class Changes: Sendable {
    private let address: RPCAddress
    private let printsJSON: Bool
    /// The outer nil is before the first; the inner one is a replica that does not answer.
    private let last = Mutex<HealthCheckResponse??>(.none)

    init(address: RPCAddress, printsJSON: Bool) {
        self.address = address
        self.printsJSON = printsJSON
    }

    /// Prints a line if this is another state than the last.
    func show(_ response: HealthCheckResponse?, problem: String = "") {
        let isNews = last.withLock { last in
            defer { last = .some(response) }
            return last != .some(response)
        }
        guard isNews else { return }
        let report = HealthReport(address: address, response: response, problem: problem)
        let now = Int64(time(nil))
        Console.answer(
            printsJSON
                ? HealthRendering.json(report, time: now).text()
                : HealthRendering.line(report, time: now, in: Console.terminal))
    }
}
