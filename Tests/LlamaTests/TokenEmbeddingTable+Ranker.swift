import GGML
import RankerCore

/// The GGUF's embedding table as the engine takes it.
struct TableEmbeddings: TokenEmbeddings {
    let table: TokenEmbeddingTable

    var width: Int { table.columns }

    func row(_ token: Int32) -> [Float] { table.row(Int(token)) }
}
