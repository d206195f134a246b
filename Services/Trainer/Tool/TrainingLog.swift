import Foundation
import TrainingCore

/// One line of a training log: what a step gave.
struct TrainingLogEntry: Codable, Hashable {
    /// Steps done with it.
    var step: Int
    /// Examples seen by the end of it.
    var examples: Int
    var loss: Double
    /// The share of the step's batches with hybrid prompts: 0 or 1 without accumulation.
    var hybrid: Double
    /// The same over all batches so far.
    var hybridShare: Double
    /// p(step), with which they were drawn.
    var hybridProbability: Double
    var learningRate: Double
    /// The adapter's, before clipping.
    var gradientNorm: Double
    /// The projector's; nil where it was not in use.
    var projectorGradientNorm: Double?
    var tokens: Int
    var tokensPerSecond: Double
    var seconds: Double
    var residentBytes: Int
    /// The most so far in this process; of the device, too, where it is another.
    var peakBytes: Int
    var deviceBytes: Int?
    var validation: ValidationScore?

    /// What a person reads while steps run.
    func status(of steps: Int) -> String {
        "step \(step)/\(steps)  loss \(ProgressDisplay.format(loss, 3))  "
            + "hybrid \(ProgressDisplay.format(hybridShare, 2))  \(Int(tokensPerSecond)) tokens/s"
    }

    enum CodingKeys: String, CodingKey {
        case step, examples, loss, hybrid, tokens, seconds, validation
        case hybridShare = "hybrid_share"
        case hybridProbability = "hybrid_probability"
        case learningRate = "learning_rate"
        case gradientNorm = "gradient_norm"
        case projectorGradientNorm = "projector_gradient_norm"
        case tokensPerSecond = "tokens_per_second"
        case residentBytes = "resident_bytes"
        case peakBytes = "peak_bytes"
        case deviceBytes = "device_bytes"
    }
}

/// The log of a run: JSON lines, one a step, with a plot beside it.
///
/// A resumed run forgets the lines after its checkpoint, because those steps are trained again.
final class TrainingLog {
    let path: String
    /// The plot's file: the log's name with another ending.
    let plotPath: String
    private(set) var entries: [TrainingLogEntry]
    private let file: FileHandle

    /// Opens the log, keeping what it has of the first `steps` steps.
    init(path: String, keeping steps: Int) throws {
        self.path = path
        let url = URL(fileURLWithPath: path)
        plotPath = url.deletingPathExtension().appendingPathExtension("svg").path
        entries = steps == 0 ? [] : try Self.read(path).filter { $0.step <= steps }
        try Data(try entries.flatMap(Self.line)).write(to: url, options: .atomic)
        file = try FileHandle(forWritingTo: url)
        try file.seekToEnd()
    }

    deinit { try? file.close() }

    func append(_ entry: TrainingLogEntry) throws {
        entries.append(entry)
        try file.write(contentsOf: Data(try Self.line(entry)))
    }

    /// Draws the plot anew.
    func plot(title: String) throws {
        try Data(TrainingPlot(title: title, entries: entries).svg.utf8)
            .write(to: URL(fileURLWithPath: plotPath), options: .atomic)
    }

    private static func line(_ entry: TrainingLogEntry) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return [UInt8](try encoder.encode(entry)) + [0x0A]
    }

    /// The lines of an earlier run; what a killed process left half-written is passed over.
    private static func read(_ path: String) throws -> [TrainingLogEntry] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return data.split(separator: 0x0A).compactMap {
            try? JSONDecoder().decode(TrainingLogEntry.self, from: $0)
        }
    }
}
