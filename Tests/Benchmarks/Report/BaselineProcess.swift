import Foundation

/// A baseline in a process of its own, which measures when told to.
///
/// It reads one JSON object a line from its standard input and answers each with one line, a JSON
/// object as well; its first line comes unasked and names versions: `{"versions": {"faiss":
/// "1.15.1"}}`. A failure is `{"error": "…"}`. It ends when its input does.
public final class BaselineProcess {
    /// What a baseline says, or what is wrong with it.
    public struct Failure: Error, CustomStringConvertible {
        /// What happened, beginning with the program's name.
        public let description: String
    }

    /// Names and versions of what it measures.
    public private(set) var versions: [String: String] = [:]
    /// As the system numbers it.
    public var processIdentifier: Int32 { process.processIdentifier }
    private let name: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var received = Data()

    /// Starts it and reads its versions; `environment` is added to our own.
    public init(
        executable: String, arguments: [String], environment: [String: String] = [:]
    ) throws {
        name = (executable as NSString).lastPathComponent
        process.executableURL = URL(filePath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let hello = try readLine()
        versions = hello["versions"] as? [String: String] ?? [:]
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Sends a request and returns the answer to it.
    public func ask(_ request: [String: Any]) throws -> [String: Any] {
        let line = try JSONSerialization.data(withJSONObject: request) + Data("\n".utf8)
        try input.fileHandleForWriting.write(contentsOf: line)
        return try readLine()
    }

    /// As ``ask(_:)``, for an answer with one number called `value`.
    public func measure(_ request: [String: Any]) throws -> Double {
        guard let value = try ask(request)["value"] as? NSNumber else {
            throw Failure(description: "\(name) answered without a value")
        }
        return value.doubleValue
    }

    private func readLine() throws -> [String: Any] {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[received.startIndex..<end]
                received = Data(received[(end + 1)...])
                return try answer(line)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                throw Failure(description: "\(name) ended before it answered; see what it wrote")
            }
            received += more
        }
    }

    private func answer(_ line: Data) throws -> [String: Any] {
        guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
            throw Failure(
                description: "\(name) wrote no JSON: \(String(decoding: line, as: UTF8.self))")
        }
        if let error = object["error"] { throw Failure(description: "\(name): \(error)") }
        return object
    }
}
