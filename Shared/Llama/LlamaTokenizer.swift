internal import CLlama
public import RankerCore

/// A model's tokenizer; safe to use on any thread.
public struct LlamaTokenizer: Sendable {
    private let model: LlamaModel

    /// The tokenizer of `model`.
    public init(_ model: LlamaModel) { self.model = model }

    /// The token that stands before every prompt, if the vocabulary asks for one.
    public var beginningOfSequence: Int32? {
        let vocabulary = llama_model_get_vocab(model.pointer)
        guard llama_vocab_get_add_bos(vocabulary) else { return nil }
        let token = llama_vocab_bos(vocabulary)
        return token == LLAMA_TOKEN_NULL ? nil : token
    }

    /// The tokens of `text` by itself.
    ///
    /// What looks like a control token is text like any other, and nothing is put before or after.
    ///
    /// - Throws: `LlamaError` for text that the tokenizer cannot take.
    public func tokenize(_ text: String) throws(LlamaError) -> [Int32] {
        var text = text
        let tokens = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { Self.tokens($0, model) }
        }
        guard let tokens else {
            throw LlamaError(.invalidArgument, "a text of the request cannot be tokenised")
        }
        return tokens
    }

    private static func tokens(
        _ text: UnsafeBufferPointer<CChar>, _ model: LlamaModel
    ) -> [Int32]? {
        guard let start = text.baseAddress, !text.isEmpty else { return [] }
        guard let length = Int32(exactly: text.count) else { return nil }
        // A token is mostly a byte or more; a negative answer is the room it takes.
        var room = text.count + 8
        for _ in 0..<2 {
            let tokens = [Int32](unsafeUninitializedCapacity: room) { buffer, count in
                let written = llama_tokenize(
                    llama_model_get_vocab(model.pointer), start, length, buffer.baseAddress,
                    Int32(clamping: room), false, false)
                count = max(0, Int(written))
                room = Int(written.magnitude)
            }
            if !tokens.isEmpty || room == 0 { return tokens }
        }
        return nil
    }
}

extension LlamaTokenizer: TokenVocabulary {
    /// The token's bytes; none for control tokens, which are no text.
    public func bytes(of token: Int32) -> [UInt8] {
        var room = 32
        for _ in 0..<2 {
            var written: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                buffer.withMemoryRebound(to: CChar.self) { buffer in
                    written = llama_token_to_piece(
                        llama_model_get_vocab(model.pointer), token, buffer.baseAddress,
                        Int32(room), 0, false)
                }
                count = max(0, Int(written))
            }
            if written >= 0 { return bytes }
            room = Int(written.magnitude)
        }
        return []
    }

    /// Whether the model ends its text with this token.
    public func isEndOfGeneration(_ token: Int32) -> Bool {
        llama_vocab_is_eog(llama_model_get_vocab(model.pointer), token)
    }
}
