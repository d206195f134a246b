import ArgumentParser
import RPC
import ServiceAPI
import Wire

/// `llara health`: whether replicas are ready.
struct HealthCommand: AsyncParsableCommand {
    /// More would not fit a screen, and each is a connection.
    static let maximumAddresses = 64

    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask replicas whether they serve; exit status 69 unless all do.",
        discussion: """
            EXAMPLES
              llara health
              llara health 127.0.0.1:7401 127.0.0.1:7402 127.0.0.1:7403
            """)

    @OptionGroup var options: GatewayOptions
    @Argument(help: "Replicas, HOST:PORT; without any the gateway.") var addresses: [String] = []
    @Option(help: "A service's full name, such as llara.v1.Ranker (default: the whole server).")
    var service = ""

    func validate() throws {
        if addresses.count > Self.maximumAddresses {
            throw ValidationError("At most \(Self.maximumAddresses) addresses.")
        }
    }

    func run() async throws {
        try await reporting {
            let parsed = try addresses.map { try RPCAddress(parsing: $0) }
            let targets = parsed.isEmpty ? [try options.address()] : parsed
            let reports = await reports(of: targets)
            let json = HealthRendering.json(reports).text()
            Console.answer(options.json ? json : HealthRendering.text(reports))
            if !reports.allSatisfy(\.isServing) {
                throw ExitCode(CommandError.Status.unavailable.rawValue)
            }
        }
    }

    private func reports(of targets: [RPCAddress]) async -> [HealthReport] {
        let request = HealthCheckRequest(service: service)
        let callOptions = options.callOptions
        return await withTaskGroup(of: (Int, HealthReport).self) { group in
            for (index, address) in targets.enumerated() {
                group.addTask { (index, await Self.report(address, request, callOptions)) }
            }
            var reports: [Int: HealthReport] = [:]
            for await (index, report) in group { reports[index] = report }
            return targets.indices.compactMap { reports[$0] }
        }
    }

    private static func report(
        _ address: RPCAddress, _ request: HealthCheckRequest, _ options: CallOptions
    ) async -> HealthReport {
        var report = HealthReport(address: address)
        let start = ContinuousClock.now
        do {
            report.response = try await withConnection(to: address) { caller in
                try await HealthClient(caller).check(request, options: options)
            }
        } catch {
            report.problem = CommandError(error).message
        }
        report.milliseconds = start.duration(to: .now) / .milliseconds(1)
        return report
    }
}
