import ArgumentParser
import Domain
import GGML
import ServiceKit

/// The hidden command in which ``ModelProbe`` tries projector files.
struct ProjectorProbe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "probe", shouldDisplay: false)

    @OptionGroup var arguments: ProbeArguments

    func run() async throws {
        try await ProbeChild.run(arguments, trying: { try MLPProjector(path: $0).warmUp() })
    }
}

extension MLPProjector {
    /// One row through every role, so that the first call finds memory and code in place.
    func warmUp() throws {
        let row = FloatTensor(
            rows: 1, columns: input, values: [Float](repeating: 0, count: input))
        for role in roles { _ = try project(row, role: role) }
    }
}
