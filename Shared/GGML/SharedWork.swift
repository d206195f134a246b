internal import Dispatch
internal import Synchronization

/// Has up to `threads` threads, the caller's among them, share the parts 0 to `count` - 1.
///
/// Each worker takes the next part until none is left, so that one that is disturbed leaves parts
/// to the others.
func shareParts(
    _ count: Int, threads: Int, _ worker: @Sendable (_ next: () -> Int?) -> Void
) {
    let taken = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
        worker {
            let part = taken.wrappingAdd(1, ordering: .relaxed).oldValue
            return part < count ? part : nil
        }
    }
}
