public import GGML

/// The shape of a sequential recommender, as its GGUF file records it.
public struct SequentialShape: Sendable, Hashable {
    /// What lies between item rows and states.
    public enum Network: Sendable, Hashable {
        /// Self-attention (Kang and McAuley, ICDM 2018).
        case sasrec(SASRecShape)
        /// One layer of gated recurrent units as wide as an item row (Hidasi et al., ICLR 2016).
        case gru4rec
        /// Convolutions over the window (Tang and Wang, WSDM 2018).
        case caser(CaserShape)

        /// The design's name in files, manifests and options.
        public var architecture: SequentialConfiguration.Architecture {
            switch self {
            case .sasrec: .sasrec
            case .gru4rec: .gru4rec
            case .caser: .caser
            }
        }
    }

    /// Rows of the item table.
    public var itemCount: Int
    /// Width of an item row.
    public var dimension: Int
    /// Newest items that count.
    public var window: Int
    /// Whether the item table is the output layer, too.
    public var tiedOutput: Bool
    /// What lies between item rows and states.
    public var network: Network

    /// Makes a shape.
    public init(
        itemCount: Int, dimension: Int, window: Int, tiedOutput: Bool, network: Network
    ) {
        self.itemCount = itemCount
        self.dimension = dimension
        self.window = window
        self.tiedOutput = tiedOutput
        self.network = network
    }

    /// Width of a state: that of an item row, but for a Caser without its last layer.
    public var stateDimension: Int {
        guard case .caser(let caser) = network, !caser.hasLastLayer else { return dimension }
        return caser.outputs(dimension: dimension)
    }

    /// The file's metadata.
    func write(to writer: inout GGUFWriter) {
        let prefix = network.architecture.rawValue
        func count(_ key: String, _ value: Int) {
            writer.set("\(prefix).\(key)", .uint32(UInt32(value)))
        }
        count("embedding_length", dimension)
        count("context_length", window)
        count("item_count", itemCount)
        writer.set("\(prefix).tied_output", .bool(tiedOutput))
        switch network {
        case .sasrec(let shape): shape.write(to: &writer)
        case .gru4rec: break
        case .caser(let shape): shape.write(to: &writer)
        }
    }
}
