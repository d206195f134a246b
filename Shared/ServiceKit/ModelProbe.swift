internal import Glibc
internal import Synchronization

/// A model file whose bytes were compared with its manifest.
public struct ProbedFile: Sendable, Hashable {
    /// Where it lies.
    public let path: String
    /// SHA-256 of its bytes, in hexadecimal.
    public let sha256: String

    /// Names a file.
    public init(path: String, sha256: String) {
        self.path = path
        self.sha256 = sha256
    }
}

/// Loads model files in a child process first, so that a file that crashes, hangs or bloats its
/// loader costs the child, never the process that serves.
///
/// llama.cpp and ggml end the process on some files that are faulty, or hostile, in ways that no
/// check of the header can find. The child is this executable with the hidden command `probe`;
/// ``ProbeChild`` is its side.
public final class ModelProbe: Sendable {
    /// What a child may use.
    public struct Limits: Sendable, Hashable {
        /// Time from start to end.
        public var time: Duration
        /// Bytes of private, writable memory beyond what the child has at its start; a mapped file
        /// and reserved addresses do not count.
        public var memoryBytes: Int

        /// Makes limits.
        public init(time: Duration, memoryBytes: Int) {
            self.time = time
            self.memoryBytes = memoryBytes
        }

        /// The limits for files of `bytes` together: 30 s and one second for every 64 MiB;
        /// 8 GiB and four times the bytes, as F16 weights become F32 and are laid out anew and a
        /// GPU's driver holds some gigabytes of its own.
        public static func forFiles(ofBytes bytes: Int) -> Limits {
            Limits(
                time: .seconds(30 + bytes / (64 << 20)), memoryBytes: (8 << 30) + 4 * bytes)
        }
    }

    private let executable: String
    private let arguments: [String]
    private let limits: Limits?
    /// Which lists of files passed, by hash: remembered as long as this process lives.
    private let passed = Mutex<Set<[String]>>([])

    /// A probe that starts `executable` with `arguments` before its own.
    ///
    /// Both are this process's unless a test says otherwise; without `limits` they follow from
    /// the files.
    public init(
        executable: String = "/proc/self/exe", arguments: [String] = ["probe"],
        limits: Limits? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.limits = limits
    }

    /// Returns once a child has loaded `files`; at once if one of this process did so before.
    ///
    /// - Throws: `ProbeError` naming the file that the child was at, and how it ended.
    public func require(_ files: [ProbedFile]) async throws(ProbeError) {
        let key = files.map(\.sha256)
        if passed.withLock({ $0.contains(key) }) { return }
        var bytes = 0
        for file in files {
            var status = stat()
            if stat(file.path, &status) == 0 { bytes += Int(status.st_size) }
        }
        let limits = limits ?? .forFiles(ofBytes: bytes)
        let end = await ProbeProcess(
            executable: executable,
            arguments: arguments + limits.arguments + files.map(\.path), time: limits.time
        ).run()
        if let error = ProbeError(end, files: files, limits: limits) { throw error }
        _ = passed.withLock { $0.insert(key) }
    }
}

extension ModelProbe.Limits {
    /// As ``ProbeArguments`` reads them.
    fileprivate var arguments: [String] {
        [
            "--seconds", "\(max(1, Int(time.components.seconds)))",
            "--memory-bytes", "\(memoryBytes)",
        ]
    }
}
