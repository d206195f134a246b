/// What the GGUF metadata of every sequential recommender tells, under its architecture's prefix.
///
/// | key | meaning |
/// | --- | --- |
/// | `general.architecture` | `sasrec`, `gru4rec` or `caser` |
/// | `embedding_length` | width of an item row |
/// | `context_length` | how many of the newest items count |
/// | `item_count` | rows of the item table |
/// | `tied_output` | whether scores use the item table |
///
/// | tensor | shape, the first side varies fastest | in LLaRA's torch modules |
/// | --- | --- | --- |
/// | `item_embd.weight` | [width, items] | `item_embeddings.weight` without its last row, padding |
/// | `output.weight` | [state width, items], where not tied | `s_fc.weight` |
/// | `output.bias` | [items], may be absent | `s_fc.bias` |
public struct SequentialConfiguration: Sendable, Equatable {
    /// The network's design, as `general.architecture` and the manifest name it.
    public enum Architecture: String, Sendable, CaseIterable {
        /// Kang and McAuley, "Self-attentive sequential recommendation", ICDM 2018.
        case sasrec
        /// Hidasi et al., "Session-based recommendations with recurrent neural networks", ICLR
        /// 2016.
        case gru4rec
        /// Tang and Wang, "Personalized top-N sequential recommendation via convolutional sequence
        /// embedding", WSDM 2018.
        case caser
    }

    /// Largest width of an item row.
    public static let maximumDimension = 4_096
    /// Longest window.
    public static let maximumWindow = 4_096
    /// Most items.
    public static let maximumItems = Int(Int32.max)

    /// The network's design.
    public let architecture: Architecture
    /// Width of an item row.
    public let dimension: Int
    /// How many of the newest items count.
    public let window: Int
    /// Rows of the item table.
    public let itemCount: Int
    /// Whether scores use the item table; else `output.weight`.
    public let isOutputTied: Bool

    /// Reads and checks the metadata.
    init(file: GGUFFile) throws(GGUFError) {
        let name = try file.text("general.architecture")
        guard let architecture = Architecture(rawValue: name) else {
            let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
            throw file.failure(
                .metadata, "its architecture is \(name), needed is one of \(known)")
        }
        self.architecture = architecture
        dimension = try file.size("\(name).embedding_length", atMost: Self.maximumDimension)
        window = try file.size("\(name).context_length", atMost: Self.maximumWindow)
        itemCount = try file.size("\(name).item_count", atMost: Self.maximumItems)
        isOutputTied = try file.flag("\(name).tied_output")
    }
}

extension GGUFFile {
    /// A whole number from 1 to `limit`.
    func size(_ key: String, atMost limit: Int) throws(GGUFError) -> Int {
        let value = try count(key, atMost: limit)
        guard value > 0 else { throw failure(.metadata, "\(key) is 0") }
        return value
    }

    /// Weights and biases of linear layers: `name`.weight of [input, output], `name`.bias of
    /// [output].
    func linear(
        _ name: String, _ input: Int, _ output: Int
    ) throws(GGUFError) -> [GraphRunner.Weight] {
        [
            try weight("\(name).weight", [input, output]), try weight("\(name).bias", [output]),
        ]
    }

    /// A tensor of just this shape, to be kept by a `GraphRunner`.
    func weight(_ name: String, _ dimensions: [Int]) throws(GGUFError) -> GraphRunner.Weight {
        .init(
            name: name, dimensions: dimensions,
            values: try values(of: name, dimensions: dimensions))
    }
}
