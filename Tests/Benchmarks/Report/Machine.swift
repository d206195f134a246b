import Foundation

/// Where and in which state a report was measured.
public struct Machine: Sendable, Hashable, Codable {
    /// As the kernel names it.
    public let processor: String
    /// Processors that the process may use.
    public let cores: Int
    /// The load average of the last minute when the run began.
    public let loadAtStart: Double
    /// The kernel's name and version.
    public let system: String
    /// Whether our side was compiled with optimisation.
    public let isOptimised: Bool

    /// A machine described elsewhere, for tests.
    public init(
        processor: String, cores: Int, loadAtStart: Double, system: String, isOptimised: Bool
    ) {
        self.processor = processor
        self.cores = cores
        self.loadAtStart = loadAtStart
        self.system = system
        self.isOptimised = isOptimised
    }

    /// This machine now.
    public static func current() -> Machine {
        #if DEBUG
            let isOptimised = false
        #else
            let isOptimised = true
        #endif
        return Machine(
            processor: processor(in: text(of: "/proc/cpuinfo")) ?? "unknown processor",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            loadAtStart: Double(text(of: "/proc/loadavg").split(separator: " ").first ?? "") ?? 0,
            system: "Linux "
                + text(of: "/proc/sys/kernel/osrelease").trimmingCharacters(in: .newlines),
            isOptimised: isOptimised)
    }

    /// The model of the first processor, with family and model number where the name says little.
    static func processor(in information: String) -> String? {
        func value(_ key: String) -> String? {
            let line = information.split(separator: "\n").first {
                $0.prefix { $0 != ":" }.trimmingCharacters(in: .whitespaces) == key
            }
            return line?.split(separator: ":", maxSplits: 1).last?
                .trimmingCharacters(in: .whitespaces)
        }
        guard let name = value("model name") else { return nil }
        guard let family = value("cpu family"), let model = value("model") else { return name }
        return "\(name) (family \(family), model \(model))"
    }

    private static func text(of path: String) -> String {
        (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    }
}
