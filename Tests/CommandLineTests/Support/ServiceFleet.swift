import Foundation
import Glibc
import Synchronization
import TestSupport

/// The services as processes, with the shipped release, over a schema of their own.
struct ServiceFleet {
    /// Repository of this source file.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
    static let release = "\(root)/Deploy/releases/movielens-100k"
    static let movieLens = "\(root)/.prefix/data/movielens-100k"
    private static let model = "\(root)/.prefix/models/SmolLM2-135M-Instruct-Q8_0.gguf"

    /// Addresses by service.
    let addresses: [String: String]
    let database: String
    let schema: String

    /// What a shell of the operator has exported.
    var environment: [String: String] {
        Dictionary(
            uniqueKeysWithValues: addresses.map { ("LLARA_\($0.key.uppercased())", $0.value) }
                + [("LLARA_DATABASE_URL", database)])
    }

    /// Runs the command against these services.
    func llara(_ arguments: [String], input: String = "") async throws -> CommandRun {
        try await CommandLineTests.llara(arguments, environment: environment, input: input)
    }

    /// Starts a gateway, and what it ranks with if asked for; stops them after `body`.
    static func run(
        ranks: Bool = false, _ body: (ServiceFleet) async throws -> Void
    ) async throws {
        try await PostgresFixture.withSchema("command_line") { fixture in
            var services: [ServiceProcess] = []
            func stop() async { for service in services.reversed() { await service.stop() } }
            func start(_ name: String, _ arguments: [String]) async throws -> String {
                let service = ServiceProcess(name, ["--release", release] + arguments)
                services.append(service)
                return try await service.address()
            }
            do {
                var addresses: [String: String] = [:]
                if ranks {
                    addresses["encoder"] = try await start("encoder", ["--threads", "1"])
                    addresses["projector"] = try await start("projector", [])
                    addresses["ranker"] = try await start(
                        "ranker", ["--model", model, "--threads", "2"])
                }
                addresses["gateway"] = try await start(
                    "gateway",
                    ["--database", fixture.url, "--database-schema", fixture.schema]
                        + addresses.flatMap { ["--\($0.key)", $0.value] })
                try await body(
                    ServiceFleet(
                        addresses: addresses, database: fixture.url, schema: fixture.schema))
            } catch {
                await stop()
                throw error
            }
            await stop()
        }
    }
}

/// Runs one service while `body` runs against its address.
func withService<Result>(
    _ name: String, _ arguments: [String], _ body: (String) async throws -> Result
) async throws -> Result {
    let service = ServiceProcess(name, arguments)
    do {
        let result = try await body(try await service.address())
        await service.stop()
        return result
    } catch {
        await service.stop()
        throw error
    }
}

/// A service's process; a shell looks after it and ends it when this process is gone.
private final class ServiceProcess: Sendable {
    struct Failed: Error { let log: String }

    /// Becomes the service; a shell beside it ends it when standard input ends.
    ///
    /// Not `wait`: SIGCHLD may be blocked in the thread that starts this.
    private static let keeping = """
        exec 3<&0
        (read -r _ <&3; kill -TERM $$) > /dev/null 2>&1 &
        exec "$@" < /dev/null 3<&-
        """

    private let name: String
    private let process: Process
    private let keeper = Pipe()
    private let log = Pipe()
    /// Finishes when the process has ended.
    private let ended = AsyncStream.makeStream(of: Never.self)

    init(_ name: String, _ arguments: [String]) {
        self.name = name
        process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", Self.keeping, "sh"]
            + [builtBinary("llara-\(name)").path, "--listen", "127.0.0.1:0"] + arguments
        process.environment = [:]
        // Its own copy of the writing end would keep the child from ever reading the end.
        for handle in [keeper.fileHandleForWriting, log.fileHandleForReading] {
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        }
        process.standardInput = keeper
        process.standardOutput = log
        process.standardError = log
        process.terminationHandler = { [ended] _ in ended.continuation.finish() }
    }

    /// Starts it and reads its log until it serves, the gateway's until the catalog is ready too.
    func address() async throws -> String {
        let awaited = name == "gateway" ? ["\"serving\"", "\"catalog is ready\""] : ["\"serving\""]
        let text = Mutex("")
        return try await withCheckedThrowingContinuation { continuation in
            let isDone = Mutex(false)
            @Sendable func finish(_ result: Result<String, any Error>) {
                let isFirst = isDone.withLock { done in
                    defer { done = true }
                    return !done
                }
                if isFirst { continuation.resume(with: result) }
            }
            let descriptor = log.fileHandleForReading.fileDescriptor
            // A thread of its own that reads to the end: a readability handler may outlive its file.
            Thread { [log] in
                var chunk = [UInt8](repeating: 0, count: 4_096)
                while true {
                    let count = read(descriptor, &chunk, chunk.count)
                    if count <= 0 { break }
                    let whole = text.withLock { text in
                        text += String(decoding: chunk[..<count], as: UTF8.self)
                        return text
                    }
                    if awaited.allSatisfy(whole.contains),
                        let address = whole.firstMatch(of: /"address":"(?<address>[^"]+)"/)
                    {
                        finish(.success(String(address.output.address)))
                    }
                }
                finish(.failure(Failed(log: text.withLock { $0 })))
                withExtendedLifetime(log) {}
            }.start()
            do {
                try process.run()
            } catch {
                ended.continuation.finish()
                finish(.failure(error))
            }
        }
    }

    /// Asks it to stop and waits for its end.
    func stop() async {
        try? keeper.fileHandleForWriting.close()
        for await _ in ended.stream {}
    }
}
