internal import CGGML

/// Weights of a small network and the buffers to run graphs over them on the CPU.
///
/// It belongs to one owner that runs one computation at a time; it is not safe to share.
final class GraphRunner {
    typealias Tensor = UnsafeMutablePointer<ggml_tensor>

    /// A weight to keep: its name, its shape with the fastest side first, its values.
    struct Weight {
        let name: String
        let dimensions: [Int]
        let values: [Float]
    }

    private let backend: OpaquePointer
    private let allocator: OpaquePointer
    private let weightContext: OpaquePointer
    private let weightStorage: OpaquePointer
    private let tensors: [String: Tensor]
    private let nodeLimit: Int
    private let scratch: UnsafeMutableRawBufferPointer

    /// Takes the weights over; `nodeLimit` bounds the tensors of a graph.
    init(weights: [Weight], nodeLimit: Int, threads: Int) throws(ComputeError) {
        let failure = ComputeError(code: .engine, message: "ggml cannot set up its CPU back end")
        guard let backend = ggml_backend_cpu_init() else { throw failure }
        ggml_backend_cpu_set_n_threads(backend, Int32(clamping: max(1, threads)))
        guard let allocator = ggml_gallocr_new(ggml_backend_cpu_buffer_type()) else {
            ggml_backend_free(backend)
            throw failure
        }
        let context = ggml_init(
            ggml_init_params(
                mem_size: ggml_tensor_overhead() * (weights.count + 1), mem_buffer: nil,
                no_alloc: true))
        guard let context else {
            ggml_gallocr_free(allocator)
            ggml_backend_free(backend)
            throw failure
        }
        var tensors: [String: Tensor] = [:]
        for weight in weights {
            let sides = weight.dimensions.map(Int64.init)
            tensors[weight.name] = ggml_new_tensor(
                context, GGML_TYPE_F32, Int32(sides.count), sides)
        }
        let storage = ggml_backend_alloc_ctx_tensors_from_buft(
            context, ggml_backend_cpu_buffer_type())
        guard let storage else {
            ggml_free(context)
            ggml_gallocr_free(allocator)
            ggml_backend_free(backend)
            throw ComputeError(code: .engine, message: "no memory for the weights")
        }
        for weight in weights {
            weight.values.withUnsafeBytes {
                ggml_backend_tensor_set(tensors[weight.name], $0.baseAddress, 0, $0.count)
            }
        }
        self.backend = backend
        self.allocator = allocator
        self.tensors = tensors
        self.nodeLimit = nodeLimit
        weightContext = context
        weightStorage = storage
        scratch = UnsafeMutableRawBufferPointer.allocate(
            byteCount: ggml_tensor_overhead() * nodeLimit
                + ggml_graph_overhead_custom(nodeLimit, false),
            alignment: Int(GGML_MEM_ALIGN))
    }

    deinit {
        ggml_gallocr_free(allocator)
        ggml_backend_buffer_free(weightStorage)
        ggml_free(weightContext)
        ggml_backend_free(backend)
        scratch.deallocate()
    }

    /// Builds a graph over `inputs`, runs it, and returns the values of its output.
    func run(
        _ inputs: [Input], _ build: (GraphBuilder, [Tensor]) -> Tensor
    ) throws(ComputeError) -> [Float] {
        let parameters = ggml_init_params(
            mem_size: scratch.count, mem_buffer: scratch.baseAddress, no_alloc: true)
        guard let context = ggml_init(parameters) else {
            throw ComputeError(code: .engine, message: "ggml cannot make a context")
        }
        defer { ggml_free(context) }
        let sources = inputs.map { $0.tensor(context) }
        for source in sources { ggml_set_input(source) }
        let output = build(GraphBuilder(context: context, weights: tensors), sources)
        ggml_set_output(output)
        let graph = ggml_new_graph_custom(context, nodeLimit, false)
        ggml_build_forward_expand(graph, output)
        guard ggml_gallocr_alloc_graph(allocator, graph) else {
            throw ComputeError(
                code: .engine, message: "no memory for a graph of \(inputs[0].count) values")
        }
        for (input, source) in zip(inputs, sources) { input.copy(to: source) }
        guard ggml_backend_graph_compute(backend, graph) == GGML_STATUS_SUCCESS else {
            throw ComputeError(code: .engine, message: "ggml could not compute the graph")
        }
        return [Float](unsafeUninitializedCapacity: Int(ggml_nelements(output))) { buffer, count in
            ggml_backend_tensor_get(output, buffer.baseAddress, 0, ggml_nbytes(output))
            count = buffer.count
        }
    }
}

extension GraphRunner {
    /// What a graph is given beside its weights.
    enum Input {
        /// Values and their shape, the fastest side first.
        case floats([Float], [Int])
        /// Row numbers.
        case indices([Int32])

        fileprivate var count: Int {
            switch self {
            case .floats(let values, _): values.count
            case .indices(let values): values.count
            }
        }

        fileprivate func tensor(_ context: OpaquePointer) -> Tensor {
            switch self {
            case .floats(_, let sides):
                ggml_new_tensor(
                    context, GGML_TYPE_F32, Int32(sides.count), sides.map(Int64.init))
            case .indices(let values):
                ggml_new_tensor_1d(context, GGML_TYPE_I32, Int64(values.count))
            }
        }

        /// An input that nothing in the graph reads has no memory and takes nothing.
        fileprivate func copy(to tensor: Tensor) {
            guard tensor.pointee.buffer != nil else { return }
            switch self {
            case .floats(let values, _):
                values.withUnsafeBytes {
                    ggml_backend_tensor_set(tensor, $0.baseAddress, 0, $0.count)
                }
            case .indices(let values):
                values.withUnsafeBytes {
                    ggml_backend_tensor_set(tensor, $0.baseAddress, 0, $0.count)
                }
            }
        }
    }
}
