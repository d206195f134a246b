import ArgumentParser
import Domain
import GGML
import ServiceKit

/// The hidden command in which ``ModelProbe`` tries encoder files.
struct EncoderProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe", shouldDisplay: false)

    @OptionGroup var arguments: ProbeArguments

    func run() async throws {
        try await ProbeChild.run(arguments, trying: { try SequentialEncoder(path: $0).warmUp() })
    }
}

extension SequentialEncoder {
    /// One sequence and one retrieval, so that the first call finds memory and code in place.
    func warmUp() throws {
        let state = try encode(sequences: [[0]]).row(0)
        _ = try topK(state: state, count: 1)
    }
}
