internal import ArgumentParser
internal import Glibc
public import Logging
public import RPC
internal import ServiceAPI
public import ServiceLifecycle
internal import UnixSignals
internal import Wire

/// What a service brings: its methods and whatever must run beside the server.
public struct ServiceParts: Sendable {
    /// The service's methods; Health and Inspection are added by ``ServiceProcess``.
    public let router: RPCRouter
    /// Full names of the RPC services, for health checks: `llara.v1.Encoder`.
    public let serviceNames: Set<String>
    /// Clients and pools, started before the server and stopped after it.
    public let background: [any Service]
    /// What every call passes before its handler, in this order.
    public var interceptors: [any ServerInterceptor]
    /// What is degraded, whenever that changes, for health to say; empty when all is well.
    public let degradations: AsyncStream<String>

    /// Makes the parts; without degradations health never speaks of any.
    public init(
        router: RPCRouter, serviceNames: Set<String>, background: [any Service] = [],
        interceptors: [any ServerInterceptor] = [],
        degradations: AsyncStream<String> = AsyncStream { $0.finish() }
    ) {
        self.router = router
        self.serviceNames = serviceNames
        self.background = background
        self.interceptors = interceptors
        self.degradations = degradations
    }
}

/// A process around a service: settings, logs, health, signals, the address file.
public enum ServiceProcess {
    /// Longest time that calls in flight get after SIGTERM.
    public static let drainTimeout = Duration.seconds(30)

    /// Reads the settings, builds the parts and serves until SIGTERM or SIGINT; a wrong setting
    /// ends the process with exit code 64 (EX_USAGE).
    ///
    /// - Parameters:
    ///   - service: short name, also the scope of the settings: `encoder`.
    ///   - options: the service's own options by key.
    ///   - defaults: values of keys that nobody sets; `listen` among them.
    ///   - build: checks the settings and loads what is served; an error here ends the process.
    public static func run(
        service: String, arguments: ServiceArguments, options: [String: String?],
        defaults: [String: String],
        build: (ServiceSettings, Logger) async throws -> ServiceParts
    ) async throws {
        do {
            try await start(
                service: service, arguments: arguments, options: options, defaults: defaults,
                build: build)
        } catch let error as SettingError {
            throw ValidationError(error.description)
        }
    }

    private static func start(
        service: String, arguments: ServiceArguments, options: [String: String?],
        defaults: [String: String],
        build: (ServiceSettings, Logger) async throws -> ServiceParts
    ) async throws {
        let options = arguments.options.merging(options) { $1 }
        let defaults = defaults.merging(commonDefaults) { own, _ in own }
        let settings = try await ServiceSettings.ofProcess(
            service: service, arguments: options, file: arguments.config, defaults: defaults)
        let logger = try makeLogger(service: service, settings: settings)
        let configuration = try serverConfiguration(settings)
        let tokens = try settings.optionalString("tokens").map(TokenFiles.interceptor)
        var parts = try await build(settings, logger)
        // Whoever may not call takes no other's turn.
        if let tokens { parts.interceptors.insert(tokens, at: 0) }
        if arguments.checkConfig {
            printSettings(settings, keys: Set(defaults.keys).union(options.keys))
            return
        }
        var insight = RPCInsight.process
        insight.recorder = try recorder(settings, logger)
        try await serve(
            parts, configuration, insight, addressFile: arguments.addressFile, logger: logger)
    }

    private static let commonDefaults = ["log-level": "info", "plaintext": "loopback"]

    /// Records calls where a file is named for them.
    static func recorder(_ settings: ServiceSettings, _ logger: Logger) throws -> CallRecorder? {
        guard let path = settings.optionalString("record-file") else { return nil }
        var configuration = CallRecorderConfiguration(path: path)
        if let text = settings.optionalString("record-share") {
            guard let share = Double(text) else {
                throw SettingError(key: "record-share", message: "'\(text)' is no number")
            }
            configuration.share = share
        }
        do {
            return try CallRecorder(configuration, logger: logger)
        } catch {
            throw SettingError(
                key: "record-file", message: (error as? RPCError)?.message ?? "\(error)")
        }
    }

    private static func serverConfiguration(
        _ settings: ServiceSettings
    ) throws -> RPCServerConfiguration {
        var configuration = RPCServerConfiguration.defaults(address: try settings.address("listen"))
        configuration.drainTimeout = drainTimeout
        configuration.security = try settings.serverSecurity()
        do {
            try configuration.validate()
        } catch {
            throw SettingError(
                key: "listen",
                message: "\(error.message): --tls-certificate and --tls-key, or --plaintext "
                    + "anywhere")
        }
        return configuration
    }

    private static func makeLogger(
        service: String, settings: ServiceSettings
    ) throws(SettingError) -> Logger {
        let text = try settings.string("log-level", hint: "info")
        guard let level = Logger.Level(rawValue: text) else {
            throw SettingError(
                key: "log-level",
                message: "'\(text)' is none of "
                    + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return Logger(label: service) { _ in JSONLogHandler(service: service, level: level) }
    }

    private static func serve(
        _ parts: ServiceParts, _ configuration: RPCServerConfiguration, _ insight: RPCInsight,
        addressFile: String?, logger: Logger
    ) async throws {
        let health = HealthState(
            serviceNames: parts.serviceNames.union([
                HealthMethods.service, InspectionMethods.service,
            ]))
        var router = parts.router
        router.register(health: health)
        let inspection = ServerInspection()
        router.add(inspection)
        router.register(
            inspection: InspectionService(
                inspection, methods: router.methods + InspectionMethods.all))
        for interceptor in parts.interceptors { router.add(interceptor) }
        let server = RPCServer(
            router: router, configuration: configuration, logger: logger, inspection: inspection,
            insight: insight)
        let front = FrontService(
            server: server, health: health, degradations: parts.degradations,
            addressFile: addressFile, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: parts.background + [front],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        if let recorder = insight.recorder {
            await recorder.close()
            logger.info("recorded calls", metadata: ["counts": "\(recorder.counts)"])
        }
        logger.info("stopped")
    }

    private static func printSettings(_ settings: ServiceSettings, keys: Set<String>) {
        for key in keys.sorted() {
            // A database URL holds a password.
            let value = settings.optionalString(key) ?? "(not set)"
            standardOutputWrite("\(key) = \(maskingPassword(in: value))")
        }
    }

    static func maskingPassword(in value: String) -> String {
        value.replacing(/:\/\/(?<user>[^:@\/]*):[^@\/]*@/) { "://\($0.output.user):***@" }
    }
}

/// The listening end: health turns to serving once the port is bound, and back before draining.
private struct FrontService: Service {
    let server: RPCServer
    let health: HealthState
    let degradations: AsyncStream<String>
    let addressFile: String?
    let logger: Logger

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Not one of the group: it has no end of its own to wait for.
                let watch = Task {
                    for await reason in degradations { health.setDegradation(reason) }
                }
                defer { watch.cancel() }
                group.addTask { try await server.run() }
                group.addTask { try await announce() }
                try await group.waitForAll()
            }
        } onGracefulShutdown: {
            health.set(.notServing, reason: "draining")
            server.beginGracefulShutdown()
        }
    }

    private func announce() async throws {
        let bound = try await server.boundAddress()
        health.set(.serving)
        logger.info("serving", metadata: ["address": "\(bound)"])
        guard let addressFile else { return }
        try writeAtomically("\(bound)\n", to: addressFile)
    }
}

/// Whoever waits for the file never reads half of it.
private func writeAtomically(_ text: String, to path: String) throws {
    let temporary = path + ".new"
    guard let file = fopen(temporary, "w") else {
        throw SettingError(key: "address-file", message: "cannot write \(temporary)")
    }
    fputs(text, file)
    fclose(file)
    guard rename(temporary, path) == 0 else {
        throw SettingError(key: "address-file", message: "cannot write \(path)")
    }
}
