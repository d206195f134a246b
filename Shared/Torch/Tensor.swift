import CTorchTable

/// A tensor of libtorch, owned by this object and freed with it.
///
/// Shapes are row-major lists of sizes; a negative dimension counts from the end. Operations return
/// new tensors and record for gradients unless inside ``TorchLibrary/withoutGradients(_:)``. Not
/// Sendable: a tensor and all that was computed from it stay with one task at a time.
public final class Tensor {
    /// What an element is.
    public enum ElementType: Sendable, Hashable {
        /// 32-bit IEEE 754.
        case float32
        /// The upper half of a float32.
        case bfloat16
        /// Indices.
        case int64
        /// Masks.
        case bool
    }

    /// Where the values are.
    public enum Device: Sendable, Hashable {
        /// Main memory.
        case cpu
        /// The first CUDA device.
        case cuda
    }

    /// The library that made it.
    public let library: TorchLibrary
    let handle: OpaquePointer

    init(library: TorchLibrary, handle: OpaquePointer) {
        self.library = library
        self.handle = handle
    }

    deinit { library.table.pointee.tensor_free(handle) }
}

extension TorchLibrary {
    /// A float32 tensor on the CPU with these values; their number must be the shape's product.
    public func tensor(_ values: [Float], shape: [Int]) throws(TorchError) -> Tensor {
        try checkCount(values.count, shape)
        let sizes = shape.map(Int64.init)
        return try tensor("tensor_from_floats") {
            table.pointee.tensor_from_floats(values, sizes, Int32(sizes.count), $0, $1)
        }
    }

    /// An int64 tensor on the CPU: indices, or targets of a loss.
    public func indices(_ values: [Int], shape: [Int]) throws(TorchError) -> Tensor {
        try checkCount(values.count, shape)
        let sizes = shape.map(Int64.init)
        let wide = values.map(Int64.init)
        return try tensor("tensor_from_int64") {
            table.pointee.tensor_from_int64(wide, sizes, Int32(sizes.count), $0, $1)
        }
    }

    /// A mask on the CPU: true where the value is.
    public func mask(_ values: [Bool], shape: [Int]) throws(TorchError) -> Tensor {
        try indices(values.map { $0 ? 1 : 0 }, shape: shape).converted(to: .bool)
    }

    /// A tensor full of `value`.
    public func full(
        _ value: Double, shape: [Int], type: Tensor.ElementType = .float32,
        device: Tensor.Device = .cpu
    ) throws(TorchError) -> Tensor {
        let sizes = shape.map(Int64.init)
        return try tensor("tensor_full") {
            table.pointee.tensor_full(
                value, sizes, Int32(sizes.count), type.raw, device.raw, $0, $1)
        }
    }

    /// Draws from N(`mean`, `deviation`²) with the process's generator.
    public func normal(
        mean: Double = 0, deviation: Double, shape: [Int]
    ) throws(TorchError) -> Tensor {
        let sizes = shape.map(Int64.init)
        return try tensor("tensor_normal") {
            table.pointee.tensor_normal(mean, deviation, sizes, Int32(sizes.count), $0, $1)
        }
    }

    /// Draws uniformly from [`low`, `high`) with the process's generator.
    public func uniform(low: Double, high: Double, shape: [Int]) throws(TorchError) -> Tensor {
        let sizes = shape.map(Int64.init)
        return try tensor("tensor_uniform") {
            table.pointee.tensor_uniform(low, high, sizes, Int32(sizes.count), $0, $1)
        }
    }

    private func checkCount(_ count: Int, _ shape: [Int]) throws(TorchError) {
        guard shape.allSatisfy({ $0 >= 0 }), shape.reduce(1, *) == count else {
            throw TorchError(
                code: .badArgument, message: "\(count) values do not fill the shape \(shape)")
        }
    }
}

extension Tensor {
    /// The size of every dimension.
    public func shape() throws(TorchError) -> [Int] {
        var rank: Int32 = 0
        try library.check("tensor_rank") { library.table.pointee.tensor_rank(handle, &rank, $0) }
        var sizes = [Int64](repeating: 0, count: Int(rank))
        try library.check("tensor_shape") {
            library.table.pointee.tensor_shape(handle, &sizes, rank, $0)
        }
        return sizes.map(Int.init)
    }

    /// What an element is, and where the values are.
    public func placement() throws(TorchError) -> (type: ElementType, device: Device) {
        var type: Int32 = 0
        var device: Int32 = 0
        try library.check("tensor_type") {
            library.table.pointee.tensor_type(handle, &type, &device, $0)
        }
        return (ElementType(raw: type), Device(raw: device))
    }

    /// All values as float32, row after row.
    public func floats() throws(TorchError) -> [Float] {
        var values = [Float](repeating: 0, count: try shape().reduce(1, *))
        let count = Int64(values.count)
        try library.check("tensor_to_floats") {
            library.table.pointee.tensor_to_floats(handle, &values, count, $0)
        }
        return values
    }

    /// All values as integers, row after row.
    public func integers() throws(TorchError) -> [Int] {
        var values = [Int64](repeating: 0, count: try shape().reduce(1, *))
        let count = Int64(values.count)
        try library.check("tensor_to_int64") {
            library.table.pointee.tensor_to_int64(handle, &values, count, $0)
        }
        return values.map(Int.init)
    }

    /// The value of a tensor of one element, such as a loss.
    public func item() throws(TorchError) -> Float {
        var value: Float = 0
        try library.check("tensor_to_floats") {
            library.table.pointee.tensor_to_floats(handle, &value, 1, $0)
        }
        return value
    }

    /// The same values in another type, on another device, or both; what is nil stays.
    public func converted(
        to type: ElementType? = nil, device: Device? = nil
    ) throws(TorchError) -> Tensor {
        let now = try placement()
        return try library.tensor("tensor_convert") {
            library.table.pointee.tensor_convert(
                handle, (type ?? now.type).raw, (device ?? now.device).raw, $0, $1)
        }
    }

    /// Overwrites the values in place, unrecorded; the shapes must be equal.
    public func assign(_ source: Tensor) throws(TorchError) {
        try library.check("tensor_assign") {
            library.table.pointee.tensor_assign(handle, source.handle, $0)
        }
    }

    /// A copy that later changes of this tensor do not reach.
    public func copy() throws(TorchError) -> Tensor {
        try library.tensor("tensor_clone") { library.table.pointee.tensor_clone(handle, $0, $1) }
    }
}

extension Tensor.ElementType {
    var raw: Int32 {
        let value =
            switch self {
            case .float32: LLARA_TORCH_FLOAT32
            case .bfloat16: LLARA_TORCH_BFLOAT16
            case .int64: LLARA_TORCH_INT64
            case .bool: LLARA_TORCH_BOOL
            }
        return Int32(bitPattern: value.rawValue)
    }

    init(raw: Int32) {
        switch UInt32(bitPattern: raw) {
        case LLARA_TORCH_BFLOAT16.rawValue: self = .bfloat16
        case LLARA_TORCH_INT64.rawValue: self = .int64
        case LLARA_TORCH_BOOL.rawValue: self = .bool
        default: self = .float32
        }
    }
}

extension Tensor.Device {
    var raw: Int32 {
        Int32(bitPattern: (self == .cpu ? LLARA_TORCH_CPU : LLARA_TORCH_CUDA).rawValue)
    }

    init(raw: Int32) {
        self = UInt32(bitPattern: raw) == LLARA_TORCH_CUDA.rawValue ? .cuda : .cpu
    }
}
