import BenchmarkReport
import Foundation

/// Where the repository and its parts lie.
enum Surroundings {
    /// This file is Tests/Benchmarks/Surroundings.swift of it.
    static let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What Deploy/bootstrap installed.
    static let prefix = repository.appending(path: ".prefix")

    /// Starts a baseline in Python, with its own math libraries held to `threads`.
    ///
    /// - Parameter script: such as `faiss_flat.py`, in Tests/Benchmarks/Baselines.
    static func python(
        _ script: String, _ arguments: [String], threads: Int
    ) throws -> BaselineProcess {
        let python = cache.appending(path: "venv/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw BenchmarkFailure(
                description: "no Python of the baselines at \(python); run "
                    + "Tests/Benchmarks/Baselines/install")
        }
        let folder = repository.appending(path: "Tests/Benchmarks/Baselines")
        return try BaselineProcess(
            executable: python, arguments: [folder.appending(path: script).path] + arguments,
            environment: [
                "OMP_NUM_THREADS": String(threads), "OPENBLAS_NUM_THREADS": String(threads),
                "MKL_NUM_THREADS": String(threads), "PYTHONPATH": folder.path,
                "PYTHONDONTWRITEBYTECODE": "1",
            ])
    }

    /// Compiles a baseline in C against llama.cpp of the prefix and starts it.
    static func engine(_ arguments: [String]) throws -> BaselineProcess {
        let source = repository.appending(path: "Tests/Benchmarks/Baselines/engine.c").path
        let binary = cache.appending(path: "engine").path
        let library = prefix.appending(path: "lib").path
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        let compiler = try Process.run(
            URL(filePath: "/usr/bin/env"),
            arguments: [
                "gcc", "-O2", source, "-o", binary, "-I\(prefix.path)/include", "-L\(library)",
                "-Wl,-rpath,\(library)", "-lllama", "-lggml", "-lggml-base",
            ])
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else {
            throw BenchmarkFailure(description: "\(source) does not compile; see above")
        }
        // As the demo starts the ranker: waiting threads do not spin.
        return try BaselineProcess(
            executable: binary, arguments: arguments,
            environment: ["OMP_WAIT_POLICY": "passive"])
    }

    /// Calls `body` with a folder that is gone afterwards.
    static func withTemporaryFolder<Value>(
        _ body: (URL) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "llara-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    private static var cache: URL {
        let environment = ProcessInfo.processInfo.environment
        let base =
            environment["XDG_CACHE_HOME"].map { URL(filePath: $0) }
            ?? URL(filePath: NSHomeDirectory()).appending(path: ".cache")
        return base.appending(path: "llara-benchmarks")
    }
}

/// Why nothing can be measured.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
}
