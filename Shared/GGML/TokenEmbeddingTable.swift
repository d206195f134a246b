public import Domain

/// The input embeddings of an LLM's tokens, kept as stored and turned into float32 row by row.
///
/// The conversion is ggml's own, so that a prompt sent as embeddings gives the logits of the
/// prompt sent as tokens.
public final class TokenEmbeddingTable: Sendable {
    /// Name of the tensor in files of the Llama family.
    public static let tensorName = "token_embd.weight"
    /// Largest width.
    public static let maximumColumns = 65_536
    /// Most tokens.
    public static let maximumTokens = 1 << 21

    /// Width of the LLM's input space.
    public let columns: Int
    /// Number of tokens.
    public let count: Int
    private let type: TensorType
    private let rowBytes: Int
    private let bytes: [UInt8]

    /// Reads the table out of an LLM's GGUF file.
    ///
    /// - Throws: `GGUFError` for a faulty file, an absent table, or a type without conversion.
    public init(path: String) throws(GGUFError) {
        let file = try GGUFFile(path: path)
        guard let info = file.tensors[Self.tensorName] else {
            throw file.failure(.tensor, "it has no \(Self.tensorName)")
        }
        guard info.dimensions.count == 2, info.dimensions[0] <= Self.maximumColumns,
            info.dimensions[1] <= Self.maximumTokens
        else {
            throw file.failure(.tensor, "\(Self.tensorName) has the shape \(info.dimensions)")
        }
        columns = info.dimensions[0]
        count = info.dimensions[1]
        type = try file.tensorType(of: info)
        rowBytes = type.byteCount(of: columns)
        bytes = try file.bytes(of: info)
    }

    /// The ``columns`` values of a token, which must be below ``count``: a tokenizer gives no
    /// others, once its vocabulary was compared with ``count``.
    public func row(_ token: Int) -> [Float] {
        precondition((0..<count).contains(token), "token \(token) of \(count)")
        return bytes.withUnsafeBytes { bytes in
            type.dequantise(
                UnsafeRawBufferPointer(rebasing: bytes[token * rowBytes..<(token + 1) * rowBytes]),
                count: columns)
        }
    }
}

/// What an engine reads text tokens as, when a prompt also holds behavioural tokens.
extension TokenEmbeddingTable: TokenEmbeddings {
    /// Width of the LLM's input space.
    public var width: Int { columns }

    /// The row of a token as the tokenizer gives it.
    public func row(_ token: Int32) -> [Float] { row(Int(token)) }
}
