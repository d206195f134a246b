import ArgumentParser
import RPC
import ServiceAPI
import Wire

/// `llara health`: whether replicas are ready.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask replicas whether they serve; exit status 69 unless all do.",
        discussion: """
            Without addresses: all four services, by LLARA_GATEWAY, LLARA_ENCODER, \
            LLARA_PROJECTOR and LLARA_RANKER (HOST:PORT[,HOST:PORT…]), or on their own ports of \
            this machine where none of these is set.

            EXAMPLES
              llara health
              llara health 127.0.0.1:7401 127.0.0.1:7402 127.0.0.1:7403
              llara health --watch
            """)

    @OptionGroup var options: AnswerOptions
    @Argument(help: "Replicas, HOST:PORT; without any every service.") var addresses: [String] = []
    @Option(help: "A service's full name, such as llara.v1.Ranker (default: the whole server).")
    var service = ""
    @Flag(help: "Go on with a line for every change until Ctrl-C, or until --timeout is up.")
    var watch = false

    func validate() throws {
        if addresses.count > CommandLimits.maximumAddresses {
            throw ValidationError("At most \(CommandLimits.maximumAddresses) addresses.")
        }
    }

    func run() async throws {
        try await reporting {
            let targets = try Self.targets(addresses)
            if watch {
                return await HealthWatch(
                    request: HealthCheckRequest(service: service), printsJSON: options.json,
                    connection: options.connection,
                    end: options.timeout.map { .now + $0.duration }
                ).run(targets)
            }
            let reports = await reports(of: targets)
            Console.answer(
                options.json
                    ? HealthRendering.json(reports).text()
                    : HealthRendering.text(reports, in: Console.terminal))
            if !reports.allSatisfy(\.isServing) {
                throw ExitCode(CommandError.Status.unavailable.rawValue)
            }
        }
    }

    /// The replicas that were named, else those of the environment, else each service's own port.
    private static func targets(_ given: [String]) throws -> [RPCAddress] {
        let named = try given.map { try RPCAddress(parsing: $0) }
        if !named.isEmpty { return named }
        let known = try ServiceAddress.all.flatMap { try $0.fromEnvironment() ?? [] }
        if !known.isEmpty { return known }
        return try ServiceAddress.all.map { try RPCAddress(parsing: $0.fallback) }
    }

    private func reports(of targets: [RPCAddress]) async -> [HealthReport] {
        let request = HealthCheckRequest(service: service)
        let options = options
        return await withTaskGroup(of: (Int, HealthReport).self) { group in
            for (index, address) in targets.enumerated() {
                group.addTask { (index, await Self.report(address, request, options)) }
            }
            var reports: [Int: HealthReport] = [:]
            for await (index, report) in group { reports[index] = report }
            return targets.indices.compactMap { reports[$0] }
        }
    }

    private static func report(
        _ address: RPCAddress, _ request: HealthCheckRequest, _ options: AnswerOptions
    ) async -> HealthReport {
        var report = HealthReport(address: address)
        let start = ContinuousClock.now
        do {
            report.response = try await options.connection.withConnection(to: address) { caller in
                try await HealthClient(caller).check(request, options: options.callOptions)
            }
        } catch {
            report.problem = CommandError(error).message
        }
        report.milliseconds = start.duration(to: .now) / .milliseconds(1)
        return report
    }
}
