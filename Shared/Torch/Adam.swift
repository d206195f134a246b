import CTorchTable

/// Adam (Kingma and Ba, 2015), or AdamW (Loshchilov and Hutter, 2019) with decoupled weight decay.
public final class Adam {
    /// The moments of one parameter: what a resumed run needs beside the values.
    public struct Moments {
        /// Steps taken.
        public let step: Int
        /// The running mean of the gradient.
        public let first: Tensor
        /// The running mean of its square.
        public let second: Tensor

        /// Makes moments read from a checkpoint.
        public init(step: Int, first: Tensor, second: Tensor) {
            self.step = step
            self.first = first
            self.second = second
        }
    }

    private let library: TorchLibrary
    private let handle: OpaquePointer

    /// An optimizer without parameters; add groups before the first step.
    public init(
        library: TorchLibrary, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        decoupledWeightDecay: Bool = false
    ) throws(TorchError) {
        var handle: OpaquePointer?
        let options = llara_adam_options(
            beta1: beta1, beta2: beta2, epsilon: epsilon,
            decoupled_weight_decay: decoupledWeightDecay ? 1 : 0)
        try library.check("adam_new") { library.table.pointee.adam_new(options, &handle, $0) }
        guard let handle else {
            throw TorchError(code: .failed, message: "adam_new: no result")
        }
        self.library = library
        self.handle = handle
    }

    deinit { library.table.pointee.adam_free(handle) }

    /// Adds parameters with their own learning rate and weight decay; groups count from 0.
    public func addGroup(
        _ parameters: [Tensor], learningRate: Double, weightDecay: Double = 0
    ) throws(TorchError) {
        let handles = parameters.map(\.handle)
        try library.check("adam_add_group") {
            library.table.pointee.adam_add_group(
                handle, handles, Int32(handles.count), learningRate, weightDecay, $0)
        }
    }

    /// Changes a group's learning rate from the next step on.
    public func setLearningRate(_ rate: Double, group: Int = 0) throws(TorchError) {
        try library.check("adam_set_learning_rate") {
            library.table.pointee.adam_set_learning_rate(handle, Int32(clamping: group), rate, $0)
        }
    }

    /// Moves every parameter that has a gradient.
    public func step() throws(TorchError) {
        try library.check("adam_step") { library.table.pointee.adam_step(handle, $0) }
    }

    /// Forgets every gradient.
    public func clearGradients() throws(TorchError) {
        try library.check("adam_clear_gradients") {
            library.table.pointee.adam_clear_gradients(handle, $0)
        }
    }

    /// The moments of the parameter added as number `parameter`; nil before its first step.
    public func moments(of parameter: Int) throws(TorchError) -> Moments? {
        var step: Int64 = 0
        var first: OpaquePointer?
        var second: OpaquePointer?
        try library.check("adam_export") {
            library.table.pointee.adam_export(
                handle, Int32(clamping: parameter), &step, &first, &second, $0)
        }
        guard let first, let second else { return nil }
        return Moments(
            step: Int(step), first: Tensor(library: library, handle: first),
            second: Tensor(library: library, handle: second))
    }

    /// Puts back what ``moments(of:)`` gave; the shapes must be the parameter's.
    public func setMoments(_ moments: Moments, of parameter: Int) throws(TorchError) {
        try library.check("adam_import") {
            library.table.pointee.adam_import(
                handle, Int32(clamping: parameter), Int64(moments.step), moments.first.handle,
                moments.second.handle, $0)
        }
    }
}
