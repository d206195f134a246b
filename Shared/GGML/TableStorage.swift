internal import Glibc

/// Floats that never change, on their own cache lines and, where the kernel allows it, on huge
/// pages: a scan then misses the address cache a hundred times less often.
///
/// The memory is written before anyone else sees the object and only read afterwards.
final class TableStorage: @unchecked Sendable {
    private static let lineBytes = 64
    private static let hugePageBytes = 2 << 20

    let values: UnsafeBufferPointer<Float>

    init(_ source: [Float]) {
        let bytes = source.count * MemoryLayout<Float>.stride
        let alignment = bytes < Self.hugePageBytes ? Self.lineBytes : Self.hugePageBytes
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(bytes, 1), alignment: alignment)
        // A hint: where it is refused, small pages serve as well.
        if bytes >= Self.hugePageBytes { madvise(memory.baseAddress, bytes, MADV_HUGEPAGE) }
        let floats = memory.bindMemory(to: Float.self)
        _ = floats.initialize(from: source)
        values = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(floats)[..<source.count])
    }

    deinit { values.deallocate() }
}
