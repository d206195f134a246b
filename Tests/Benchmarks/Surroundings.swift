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
        let library = prefix.appending(path: "lib").path
        let binary = try compile(
            "engine.c",
            [
                "-I\(prefix.path)/include", "-L\(library)", "-Wl,-rpath,\(library)", "-lllama",
                "-lggml", "-lggml-base",
            ])
        // As the demo starts the ranker: waiting threads do not spin.
        return try BaselineProcess(
            executable: binary, arguments: arguments,
            environment: ["OMP_WAIT_POLICY": "passive"])
    }

    /// Compiles a file of Tests/Benchmarks/Baselines that uses a library of the system.
    ///
    /// - Parameters:
    ///   - library: as pkg-config knows it.
    ///   - package: of Debian, for who has to install it.
    static func compile(_ source: String, library: String, package: String) throws -> String {
        guard
            let flags = try? outputOf(
                "/usr/bin/env", ["pkg-config", "--cflags", "--libs", library])
        else {
            throw BenchmarkFailure(
                description: "\(source) needs \(library); install Debian's \(package) and pkgconf")
        }
        return try compile(source, flags.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    /// Compiles a file of Tests/Benchmarks/Baselines, unless that has been done, and returns the
    /// program's path, or the shared library's with `-shared` among the flags.
    static func compile(_ source: String, _ flags: [String]) throws -> String {
        let file = repository.appending(path: "Tests/Benchmarks/Baselines/\(source)")
        let binary = cache.appending(path: file.deletingPathExtension().lastPathComponent)
        if let made = modified(binary), let written = modified(file), made > written {
            return binary.path
        }
        try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
        let program = file.pathExtension == "cpp" ? "g++" : "gcc"
        let compiler = try Process.run(
            URL(filePath: "/usr/bin/env"),
            arguments: [program, "-O2", file.path, "-o", binary.path] + flags)
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else {
            throw BenchmarkFailure(
                description: "\(file.path) does not compile; see above (Debian's \(program))")
        }
        return binary.path
    }

    private static func modified(_ file: URL) -> Date? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        return attributes?[.modificationDate] as? Date
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

/// What a program prints that is to succeed.
func outputOf(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw BenchmarkFailure(description: "\(arguments.joined(separator: " ")) failed: \(text)")
    }
    return text
}

/// Why nothing can be measured.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
}
