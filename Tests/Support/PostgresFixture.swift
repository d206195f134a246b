import Glibc
public import Postgres
import Synchronization

/// A real PostgreSQL for tests: the server of `LLARA_DATABASE_URL`, or a throw-away cluster that is
/// started once per test process and removed when the process ends, however it ends.
public struct PostgresFixture: Sendable {
    /// Where the server is.
    public let url: String
    /// A schema of this fixture's own.
    public let schema: String

    /// Runs `body` with a schema that nobody else uses, and drops the schema afterwards.
    ///
    /// The schema is not made here: migrations make it.
    ///
    /// - Throws: `PostgresFixtureError` when no server can be had; else what `body` throws.
    public static func withSchema<Value: Sendable>(
        _ name: String, _ body: (PostgresFixture) async throws -> Value
    ) async throws -> Value {
        let number = schemaCount.wrappingAdd(1, ordering: .relaxed).newValue
        let fixture = PostgresFixture(
            url: try await serverURL(), schema: "t_\(name)_\(getpid())_\(number)")
        do {
            let value = try await body(fixture)
            try await fixture.dropSchema()
            return value
        } catch {
            try? await fixture.dropSchema()
            throw error
        }
    }

    /// The URL of the server that the tests of this process share.
    ///
    /// - Throws: `PostgresFixtureError` when no server can be had.
    public static func serverURL() async throws -> String {
        if let url = getenv("LLARA_DATABASE_URL") { return String(cString: url) }
        return try await shared.value.url
    }

    /// A configuration for the fixture's server.
    public var configuration: PostgresConfiguration { PostgresConfiguration(url: url) }

    private func dropSchema() async throws {
        try await PostgresConnection.withDirect(configuration, deadline: nil) { connection in
            try await connection.script(
                "SET client_min_messages = warning; DROP SCHEMA IF EXISTS \"\(schema)\" CASCADE")
        }
    }

    private static let schemaCount = Atomic<Int>(0)
    // The cluster outlives every test, so no test's task can be its parent.
    private static let shared = Task.detached { try await PostgresCluster.start() }
}

/// Why tests have no PostgreSQL, and what to do.
public struct PostgresFixtureError: Error, CustomStringConvertible {
    /// The reason and the next step.
    public let description: String
}

/// A throw-away PostgreSQL cluster on a Unix socket, for tests that stop and start the server.
///
/// A shell process looks after it: it takes commands from a pipe, and when the pipe closes, because
/// this process ended or was killed, it stops the server and removes the folder.
public final class PostgresCluster: Sendable {
    /// libpq's URL of the cluster.
    public let url: String
    private let keeper: Keeper

    private init(url: String, keeper: Keeper) {
        self.url = url
        self.keeper = keeper
    }

    /// Makes and starts a cluster.
    ///
    /// - Throws: `PostgresFixtureError` when the prefix has no PostgreSQL or it does not start.
    public static func start() async throws -> PostgresCluster {
        let expected = repositoryRoot + "/.prefix/postgres/bin"
        // The real path: another user may not be able to go through the checkout to the link.
        guard let real = realpath(expected, nil), access(expected + "/initdb", X_OK) == 0 else {
            throw PostgresFixtureError(
                description: "no PostgreSQL in \(expected): run Deploy/bootstrap, or set"
                    + " LLARA_DATABASE_URL to the URL of a server")
        }
        let binaries = String(cString: real)
        free(real)
        // Short, because a Unix socket's path may have 107 bytes at most.
        var template = Array("/tmp/llara-pg-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw PostgresFixtureError(
                description: "no folder can be made in /tmp (errno \(errno))")
        }
        let folder = String(cString: made)
        let keeper = try Keeper(arguments: [binaries, folder])
        try await keeper.expectReady()
        return PostgresCluster(
            url: "postgresql://llara@/postgres?host=\(folder)", keeper: keeper)
    }

    /// Stops the server as a crash would: connections break at once.
    public func stop() async throws { try await keeper.send("stop") }

    /// Starts the server again.
    public func restart() async throws { try await keeper.send("start") }

    /// Stops the server for good and removes its folder.
    public func remove() { keeper.close() }

    private static var repositoryRoot: String {
        // Tests/Support/PostgresFixture.swift
        #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" }
    }
}

/// The shell process and the pipes to it.
private final class Keeper: Sendable {
    /// $1 the server's binaries, $2 the folder.
    ///
    /// PostgreSQL refuses to run as root, so root hands the folder to another user. Answers "ready"
    /// or "failed …" to the start and to each command.
    private static let script = """
        bin=$1 dir=$2 run=
        # Ctrl-C ends the tests, whose pipes then close; the keeper still has to clean up.
        trap '' INT HUP TERM PIPE
        if [ "$(id -u)" = 0 ]; then
            user=nobody; id postgres >/dev/null 2>&1 && user=postgres
            chown "$user" "$dir"; run="runuser -u $user --"
        fi
        cd "$dir" || exit 1
        report() {
            if [ "$1" = 0 ]; then echo ready; return; fi
            echo "failed: $(tail -n 3 log | tr '\\n' ' ')"
        }
        # Nothing of the server may hold the pipes, or they would not close.
        start() { $run "$bin/pg_ctl" -D data -w -t 60 -l server.log \
            -o "-k $dir -c listen_addresses= -c fsync=off -c full_page_writes=off \
                -c shared_buffers=64MB -c max_connections=300" start >>log 2>&1 </dev/null; }
        stop() { $run "$bin/pg_ctl" -D data -w -m "$1" stop >>log 2>&1 </dev/null; }
        $run touch log
        init() { $run "$bin/initdb" -D data -U llara -A trust -E UTF8 --locale=C.UTF-8 -N \
            >>log 2>&1 </dev/null; }
        init && start
        report $?
        while read -r command; do
            case $command in
            stop) stop immediate; report $? ;;
            start) start; report $? ;;
            esac
        done
        stop immediate
        cd / && rm -rf "$dir"
        """

    private let commands: CInt
    private let answers: CInt

    init(arguments: [String]) throws {
        var toKeeper: [CInt] = [-1, -1]
        var fromKeeper: [CInt] = [-1, -1]
        guard pipe(&toKeeper) == 0, pipe(&fromKeeper) == 0 else {
            throw PostgresFixtureError(description: "no file descriptor left (errno \(errno))")
        }
        // Processes that tests start must not keep the pipe open.
        for end in toKeeper + fromKeeper { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (commands, answers) = (toKeeper[1], fromKeeper[0])

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toKeeper[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromKeeper[1], 1)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            Glibc.close(toKeeper[0])
            Glibc.close(fromKeeper[1])
        }
        // A command to a keeper that is gone has to be an error, not the end of the tests.
        signal(SIGPIPE, SIG_IGN)
        // A session of its own keeps a terminal's signals away from the server.
        let words = ["setsid", "sh", "-c", Self.script, "keeper"] + arguments
        let vector = words.map { strdup($0) } + [nil]
        defer { vector.forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, "setsid", &actions, nil, vector, environ)
        guard code == 0 else {
            throw PostgresFixtureError(description: "setsid cannot be started (errno \(code))")
        }
    }

    func send(_ command: String) async throws {
        let line = Array("\(command)\n".utf8)
        guard write(commands, line, line.count) == line.count else {
            throw PostgresFixtureError(description: "the keeper of PostgreSQL is gone")
        }
        try await expectReady()
    }

    func close() { Glibc.close(commands) }

    /// Reads one answer on a thread of its own: the read blocks for as long as the server needs.
    func expectReady() async throws {
        let answers = self.answers
        let answer = await withCheckedContinuation { continuation in
            let body: @Sendable () -> Void = {
                var line: [UInt8] = []
                var byte: UInt8 = 0
                while read(answers, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
                continuation.resume(returning: String(decoding: line, as: UTF8.self))
            }
            let box = Unmanaged.passRetained(Box(body))
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { argument in
                    if let argument {
                        Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                    }
                    return nil
                }, box.toOpaque())
            if code == 0 { pthread_detach(thread) } else { box.takeRetainedValue().body() }
        }
        guard answer == "ready" else {
            throw PostgresFixtureError(description: "PostgreSQL did not start or stop: \(answer)")
        }
    }

    private final class Box {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
