internal import GGML
public import Torch

/// The GGUF file that llama.cpp loads as a LoRA adapter.
extension LoRAAdapter {
    /// Writes the adapter; half precision takes 4.9 MB for SmolLM2-135M at rank 8.
    ///
    /// - Throws: `GGUFError` when a value does not fit or the file cannot be written.
    public func write(to path: String, halfPrecision: Bool = false) throws {
        var writer = GGUFWriter(architecture: "llama")
        writer.set("general.type", .string("adapter"))
        writer.set("adapter.type", .string("lora"))
        writer.set("adapter.lora.alpha", .float32(Float(options.alpha)))
        for named in parameters.all {
            try writer.add(
                tensor: named.name, dimensions: named.tensor.shape().reversed(),
                values: named.tensor.floats(), as: halfPrecision ? .float16 : .float32)
        }
        try writer.write(to: path)
    }

    /// Reads an adapter that changes every projection of a network of this shape.
    ///
    /// - Parameter dropout: of further training; the file does not hold it.
    /// - Throws: `GGUFError` for a faulty file or one of another network.
    public static func read(
        from path: String, shape: LlamaShape, dropout: Double = 0, library: TorchLibrary
    ) throws -> LoRAAdapter {
        let file = try GGUFFile(path: path)
        try file.requireArchitecture("llama")
        for (key, expected) in [("general.type", "adapter"), ("adapter.type", "lora")] {
            let value = try file.text(key)
            guard value == expected else {
                throw file.foreign("\(key) is \(value), needed is \(expected)")
            }
        }
        let first = name(.query, block: 0, part: "a")
        guard let info = file.tensors[first], info.dimensions.count == 2 else {
            throw file.foreign("it has no \(first)")
        }
        let options = Options(
            rank: info.dimensions[1], alpha: Double(try file.number("adapter.lora.alpha")),
            dropout: dropout)
        let adapter = try LoRAAdapter(options, shape: shape, library: library)
        guard file.tensors.count == adapter.parameters.all.count else {
            throw file.foreign(
                "it has \(file.tensors.count) tensors, needed are \(adapter.parameters.all.count)")
        }
        for named in adapter.parameters.all {
            let sizes = try named.tensor.shape()
            let values = try file.values(of: named.name, dimensions: sizes.reversed())
            try named.tensor.assign(library.tensor(values, shape: sizes))
        }
        return adapter
    }
}

extension GGUFFile {
    fileprivate func foreign(_ message: String) -> GGUFError {
        GGUFError(
            code: .tensor, message: message, path: path,
            advice: "give an adapter that was trained on this model")
    }
}
