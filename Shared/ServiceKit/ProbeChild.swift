public import ArgumentParser
internal import Glibc

/// The arguments of the hidden command `probe`, as ``ModelProbe`` gives them.
public struct ProbeArguments: ParsableArguments {
    @Option(help: "Seconds after which the process ends.")
    var seconds: UInt32
    @Option(help: "Bytes of private, writable memory that may be taken.")
    var memoryBytes: Int
    /// The files to load, in the order of their probe.
    @Argument(help: "Files to load.")
    public var files: [String]

    /// What ArgumentParser asks for.
    public init() {}
}

/// The child's side of a ``ModelProbe``.
public enum ProbeChild {
    /// Limits this process, then runs `body`, which loads and tries the files.
    ///
    /// `body` calls its argument before each file, so that the parent knows which one it was.
    ///
    /// - Throws: what `body` throws, which ends the process with another code than 0.
    public static func run(
        _ arguments: ProbeArguments, _ body: ((String) -> Void) async throws -> Void
    ) async throws {
        // The parent kills it in time; this is for a parent that is gone.
        alarm(arguments.seconds + 1)
        limit(RLIMIT_CORE, to: 0)
        // Not the address space: a GPU's driver reserves hundreds of gigabytes of it and never
        // writes them. Sanitizers write terabytes of their own map, so what is there is free.
        limit(RLIMIT_DATA, to: writableBytes() + max(0, arguments.memoryBytes))
        do {
            try await body { file in say("\(ProbeTranscript.mark)\(file)") }
        } catch {
            say("\(error)")
            throw ExitCode.failure
        }
    }

    /// The same for files of which each is loaded and tried by itself.
    public static func run(
        _ arguments: ProbeArguments, trying load: (_ path: String) throws -> Void
    ) async throws {
        try await run(arguments) { announce in
            for file in arguments.files {
                announce(file)
                try load(file)
            }
        }
    }

    private static func say(_ line: String) {
        "\(line)\n".withUTF8Bytes { _ = standardErrorWrite($0) }
    }

    private static func limit(_ resource: __rlimit_resource, to value: Int) {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        // It only ever lowers, which is always allowed but below a lower hard limit: better still.
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }

    /// Private memory that may be written, mapped until now; 0 where the kernel does not say.
    private static func writableBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        // man 5 proc: size, resident, shared, text, lib, data and stack.
        let fields = text.split(separator: " ")
        return (fields.count > 5 ? Int(fields[5]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}
