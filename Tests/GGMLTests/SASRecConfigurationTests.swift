import Domain
import GGML
import Testing

@Suite("SASRec files")
struct SASRecConfigurationTests {
    /// A key, a value that cannot be right, and what the error must name.
    static let faults: [(String, GGUFValue)] = [
        ("general.architecture", .string("llama")),
        ("sasrec.variant", .string("post_norm")),
        ("sasrec.activation", .string("swish")),
        ("sasrec.embedding_length", .uint32(0)),
        ("sasrec.embedding_length", .uint32(16)),
        ("sasrec.embedding_length", .uint32(UInt32(SequentialConfiguration.maximumDimension + 1))),
        ("sasrec.context_length", .uint32(UInt32(SequentialConfiguration.maximumWindow + 1))),
        ("sasrec.context_length", .uint32(7)),
        ("sasrec.block_count", .uint32(3)),
        ("sasrec.block_count", .uint32(UInt32(SASRecConfiguration.maximumBlocks + 1))),
        ("sasrec.attention.head_count", .uint32(3)),
        ("sasrec.attention.head_count", .uint32(0)),
        (
            "sasrec.feed_forward_length",
            .uint32(UInt32(SASRecConfiguration.maximumFeedForward + 1))
        ),
        ("sasrec.item_count", .uint64(UInt64.max)),
        ("sasrec.item_count", .int32(-1)),
        ("sasrec.item_count", .uint32(12)),
        ("sasrec.layer_norm_epsilon", .float32(0)),
        ("sasrec.layer_norm_epsilon", .float32(.nan)),
        ("sasrec.embedding_scale", .string("1")),
        ("sasrec.tied_output", .uint8(1)),
        ("sasrec.tied_output", .bool(false)),
    ]

    @Test("metadata that does not fit is refused", arguments: 0..<faults.count)
    func faultyMetadata(fault: Int) throws {
        let folder = try TemporaryFolder()
        var model = RandomSASRec()
        model.draw(seed: 1)
        var writer = try model.writer()
        writer.set(Self.faults[fault].0, Self.faults[fault].1)
        try writer.write(to: folder.file("faulty.gguf"))
        #expect(throws: GGUFError.self) { try SequentialEncoder(path: folder.file("faulty.gguf")) }
    }

    @Test("a network at the limit of blocks loads")
    func blocksAtLimit() throws {
        let folder = try TemporaryFolder()
        var model = RandomSASRec()
        model.blocks = SASRecConfiguration.maximumBlocks
        model.draw(seed: 2)
        try model.writer().write(to: folder.file("deep.gguf"))
        let encoder = try SequentialEncoder(path: folder.file("deep.gguf"))
        let state = try encoder.encode(sequences: [[1, 2, 3]])
        #expect(
            largestDifference(state.values, SASRecReference(model: model).state([1, 2, 3])) <= 1e-3)
    }
}
