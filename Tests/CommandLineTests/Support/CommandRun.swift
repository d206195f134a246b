import Foundation

/// What a run of the built command left behind.
struct CommandRun {
    let status: Int32
    let output: String
    let errors: String

    /// The one JSON object on standard output.
    func json() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(output.utf8))
        guard let object = object as? [String: Any] else { throw NotAnObject(output: output) }
        return object
    }

    struct NotAnObject: Error { let output: String }
}

/// The binaries that stand beside the test bundle.
func builtBinary(_ name: String) -> URL {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name)
}

/// Runs the built `llara`, its streams in files, so that no pipe can fill up.
func llara(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
) async throws -> CommandRun {
    try await withTemporaryFolder { folder in
        let files = ["in", "out", "err"].map { folder.appending(path: $0) }
        for file in files { try Data(file == files[0] ? Array(input.utf8) : []).write(to: file) }
        let process = Process()
        process.executableURL = builtBinary("llara")
        process.arguments = arguments
        process.environment = ["USER": "tester"].merging(environment) { $1 }
        let handles = [
            try FileHandle(forReadingFrom: files[0]), try FileHandle(forWritingTo: files[1]),
            try FileHandle(forWritingTo: files[2]),
        ]
        defer { for handle in handles { try? handle.close() } }
        process.standardInput = handles[0]
        process.standardOutput = handles[1]
        process.standardError = handles[2]
        let status = try await process.runToEnd()
        return CommandRun(
            status: status,
            output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }
}

/// A folder that is gone afterwards.
func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "llara-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

extension Process {
    /// Starts the process and waits for its end; its exit status.
    func runToEnd() async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try run()
            } catch {
                terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
    }
}
