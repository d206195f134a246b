import Domain
import GGML
import Testing

@Suite("GRU4Rec and Caser files")
struct RecommenderFileTests {
    typealias Configuration = SequentialConfiguration

    /// A key and a value that cannot be right.
    static let gruFaults: [(String, GGUFValue)] = [
        ("general.architecture", .string("bert4rec")),
        ("general.architecture", .string("caser")),
        ("gru4rec.embedding_length", .uint32(0)),
        ("gru4rec.embedding_length", .uint32(16)),
        ("gru4rec.embedding_length", .uint32(UInt32(Configuration.maximumDimension + 1))),
        ("gru4rec.context_length", .uint32(0)),
        ("gru4rec.context_length", .uint32(UInt32(Configuration.maximumWindow + 1))),
        ("gru4rec.item_count", .uint64(UInt64.max)),
        ("gru4rec.item_count", .uint32(12)),
        ("gru4rec.tied_output", .bool(false)),
        ("gru4rec.tied_output", .uint8(1)),
    ]
    static let caserFaults: [(String, GGUFValue)] = [
        ("general.architecture", .string("gru4rec")),
        ("caser.context_length", .uint32(7)),
        ("caser.filter_heights", .uint32(2)),
        ("caser.filter_heights", .array([])),
        ("caser.filter_heights", .array([.uint32(0), .uint32(2), .uint32(3)])),
        ("caser.filter_heights", .array([.uint32(2), .uint32(2), .uint32(4)])),
        ("caser.filter_heights", .array([.uint32(2), .uint32(3), .uint32(7)])),
        ("caser.filter_heights", .array([.string("2")])),
        (
            "caser.filter_heights",
            .array((1...17).map { .uint32(UInt32($0)) })
        ),
        ("caser.filter_count", .uint32(0)),
        ("caser.filter_count", .uint32(6)),
        ("caser.filter_count", .uint32(UInt32(CaserConfiguration.maximumFilters + 1))),
        ("caser.last_layer", .bool(false)),
        ("caser.last_layer", .uint8(1)),
    ]

    @Test("metadata of a GRU4Rec that does not fit is refused", arguments: 0..<gruFaults.count)
    func gru(fault: Int) throws { try refuses(.gru4rec, Self.gruFaults[fault]) }

    @Test("metadata of a Caser that does not fit is refused", arguments: 0..<caserFaults.count)
    func caser(fault: Int) throws { try refuses(.caser, Self.caserFaults[fault]) }

    @Test("a tensor that is not finite is refused and named", arguments: ["gru4rec", "caser"])
    func notFinite(name: String) throws {
        let architecture = try #require(Configuration.Architecture(rawValue: name))
        var model = RandomRecommender(architecture)
        model.draw(seed: 2)
        let tensor = architecture == .caser ? "vertical.weight" : "gru_hidden.weight"
        let folder = try TemporaryFolder()
        try model.writer().write(to: folder.file("network.gguf"))
        let info = try #require(try GGUFFile(path: folder.file("network.gguf")).tensors[tensor])
        // The writer refuses such values, so one is put into its file.
        var bytes = try folder.bytes(of: "network.gguf")
        bytes.replaceSubrange(
            info.offset + 4..<info.offset + 8, with: RawGGUF.little(Float.nan.bitPattern))
        let path = try folder.write(bytes, to: "faulty.gguf")
        let error = #expect(throws: GGUFError.self) { try SequentialEncoder(path: path) }
        #expect(error?.code == .tensor)
        #expect(error?.message.contains(tensor) == true)
    }

    @Test("filters at their greatest height and number equal the reference")
    func limits() throws {
        var model = RandomRecommender(.caser)
        model.window = CaserConfiguration.maximumHeight
        model.heights =
            [CaserConfiguration.maximumHeight]
            + (1..<CaserConfiguration.maximumHeights)
        model.filters = 3
        try compare(model)
        model.heights = Array(1...CaserConfiguration.maximumHeights + 1)
        model.draw(seed: 3)
        #expect(throws: GGUFError.self) { try model.encoder() }
        model.heights = [2]
        model.filters = CaserConfiguration.maximumFilters
        try compare(model)
        model.window += 1
        model.heights = [CaserConfiguration.maximumHeight + 1]
        model.filters = 1
        model.draw(seed: 3)
        #expect(throws: GGUFError.self) { try model.encoder() }
    }

    @Test("a GRU4Rec of the longest window equals the reference")
    func longestWindow() throws {
        var model = RandomRecommender(.gru4rec)
        model.window = Configuration.maximumWindow
        model.draw(seed: 4)
        let sequence = (0..<model.window + 5).map { $0 * 7 % 11 }
        let states = try model.encoder().encode(sequences: [sequence, [1]])
        let reference = RecommenderReference(model: model)
        #expect(largestDifference(states.row(0), reference.state(sequence)) <= 1e-4)
        #expect(largestDifference(states.row(1), reference.state([1])) <= 1e-4)
    }

    private func compare(_ form: RandomRecommender) throws {
        var model = form
        model.draw(seed: 3)
        let sequence = (0..<20).map { $0 % 11 }
        let states = try model.encoder().encode(sequences: [sequence])
        let expected = RecommenderReference(model: model).state(sequence)
        #expect(largestDifference(states.values, expected) <= 1e-4)
    }

    private func refuses(
        _ architecture: Configuration.Architecture, _ fault: (key: String, value: GGUFValue)
    ) throws {
        var model = RandomRecommender(architecture)
        model.draw(seed: 1)
        var writer = try model.writer()
        writer.set(fault.key, fault.value)
        let folder = try TemporaryFolder()
        try writer.write(to: folder.file("faulty.gguf"))
        #expect(throws: GGUFError.self) {
            try SequentialEncoder(path: folder.file("faulty.gguf"))
        }
    }
}
