internal import Glibc

/// Why model files were not loaded: their probe did not end well.
public struct ProbeError: Error, Sendable, CustomStringConvertible {
    /// How the probe ended.
    public enum Code: String, Sendable, Hashable {
        /// A signal ended the child: the loader crashed, or memory ran out.
        case crashed
        /// The child did not end in time and was killed.
        case timedOut
        /// The loader refused the file.
        case refused
        /// No child could be started.
        case cannotStart
    }

    /// How the probe ended.
    public let code: Code
    /// The file that the child was at, how it ended, and what to do next.
    public let message: String
    /// The file that the child was at.
    public let path: String
    /// The error below, if there was one.
    public let cause: (any Error)?

    /// The message.
    public var description: String { message }

    /// What went wrong, if anything did.
    init?(_ end: ProbeProcess.End, files: [ProbedFile], limits: ModelProbe.Limits) {
        let steps = ProbeTranscript(end.said)
        path = steps.lastFile ?? files.last?.path ?? ""
        cause = end.error
        let reason = steps.reason.isEmpty ? "" : ": \(steps.reason)"
        let advice = "; it was not loaded, so copy or build the file again, or leave it out"
        switch end.cause {
        case .exit(0): return nil
        case .exit:
            code = .refused
            message = "\(path) is refused\(reason)\(advice)"
        case .signal(let number):
            code = .crashed
            message =
                "\(path) crashed its loader in a probe with \(limits.memoryBytes >> 20) MiB "
                + "(signal \(number), \(String(cString: strsignal(number))))\(reason)\(advice)"
        case .timedOut:
            code = .timedOut
            message = "\(path) was not loaded within \(limits.time) in a probe\(reason)\(advice)"
        case .notStarted:
            code = .cannotStart
            message =
                "no child process can be started to probe \(path)\(reason); allow this user more "
                + "processes"
        }
    }
}

/// What a child wrote, step by step.
struct ProbeTranscript: Equatable {
    /// What stands before the path of a file that the child is about to load.
    static let mark = "llara-probe-loads "
    /// Where a crash's reason ends and the Swift runtime's list of frames begins.
    static let stackTrace = "Current stack trace:"
    /// Longest reason that is passed on.
    static let maximumReasonCharacters = 500

    /// The file that was loaded when the child ended, if it came so far.
    private(set) var lastFile: String?
    /// What was said after that, in one line.
    private(set) var reason = ""

    init(_ said: String) {
        var lines: [Substring] = []
        for line in said.split(whereSeparator: \.isNewline) {
            if line == Self.stackTrace { break }
            if line.hasPrefix(Self.mark) {
                lastFile = String(line.dropFirst(Self.mark.count))
                lines = []
            } else {
                lines.append(line)
            }
        }
        // Loaders write what a file holds, so nothing in it may steer a terminal.
        let text = lines.joined(separator: " ").unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : Character(scalar)
        }
        reason = String(text.suffix(Self.maximumReasonCharacters))
    }
}
