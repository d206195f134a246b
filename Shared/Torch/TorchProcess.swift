import CTorchTable

/// Bytes in use; what cannot be known is 0.
public struct MemoryStatistics: Sendable, Equatable {
    /// Resident memory of the process now.
    public let resident: Int
    /// The most it has been since the process started.
    public let residentPeak: Int
    /// What libtorch's allocator holds on the device now; 0 on the CPU.
    public let deviceAllocated: Int
    /// The most it has held.
    public let deviceAllocatedPeak: Int
}

/// What belongs to the whole process: seed, generator, threads, memory.
extension TorchLibrary {
    /// Seeds every generator of libtorch; dropout and random tensors then repeat.
    public func setSeed(_ seed: UInt64) throws(TorchError) {
        try check("manual_seed") { table.pointee.manual_seed(seed, $0) }
    }

    /// The CPU generator's whole state, some 5 KB; with ``setGeneratorState(_:)`` it resumes a run.
    public func generatorState() throws(TorchError) -> [UInt8] {
        var length: Int64 = 0
        try check("rng_state_get") { table.pointee.rng_state_get(nil, &length, $0) }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        try check("rng_state_get") { table.pointee.rng_state_get(&bytes, &length, $0) }
        return bytes
    }

    /// Puts back what ``generatorState()`` gave.
    public func setGeneratorState(_ bytes: [UInt8]) throws(TorchError) {
        try check("rng_state_set") {
            table.pointee.rng_state_set(bytes, Int64(bytes.count), $0)
        }
    }

    /// Sets how many threads one operation may use; the same number gives the same sums.
    public func setThreadCount(_ count: Int) throws(TorchError) {
        try check("set_num_threads") { table.pointee.set_num_threads(Int32(clamping: count), $0) }
    }

    /// How many threads one operation may use.
    public func threadCount() throws(TorchError) -> Int {
        var count: Int32 = 0
        try check("num_threads") { table.pointee.num_threads(&count, $0) }
        return Int(count)
    }

    /// Refuses operations that have no repeatable form on their device.
    public func setDeterministic(_ enabled: Bool) throws(TorchError) {
        try check("set_deterministic") { table.pointee.set_deterministic(enabled ? 1 : 0, $0) }
    }

    /// Whether this torch can compute on `device` here.
    public func isAvailable(_ device: Tensor.Device) throws(TorchError) -> Bool {
        var available: Int32 = 0
        try check("device_available") {
            table.pointee.device_available(device.raw, &available, $0)
        }
        return available != 0
    }

    /// Memory of the process and, for a device other than the CPU, of libtorch on it.
    public func memory(on device: Tensor.Device = .cpu) throws(TorchError) -> MemoryStatistics {
        var raw = llara_torch_memory()
        try check("memory") { table.pointee.memory(device.raw, &raw, $0) }
        return MemoryStatistics(
            resident: Int(raw.resident), residentPeak: Int(raw.resident_peak),
            deviceAllocated: Int(raw.device_allocated),
            deviceAllocatedPeak: Int(raw.device_allocated_peak))
    }

    /// Gives memory that freed tensors left behind back to the system.
    ///
    /// Tensors of a step differ in size from those of the step before, and fit their holes badly:
    /// a run of hybrid training grew by 0.1 GiB a step.
    public func releaseFreeMemory() { llara_release_free_memory() }

    /// Runs `body` without recording for gradients on this thread.
    public func withoutGradients<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let previous = setRecording(false)
        defer { _ = setRecording(previous) }
        return try body()
    }

    /// The switch itself cannot fail: it sets one thread-local flag.
    private func setRecording(_ enabled: Bool) -> Bool {
        var previous: Int32 = 1
        try? check("grad_enabled") { table.pointee.grad_enabled(enabled ? 1 : 0, &previous, $0) }
        return previous != 0
    }
}
