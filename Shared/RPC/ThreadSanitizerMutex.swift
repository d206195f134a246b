#if THREAD_SANITIZER
    internal import Glibc

    /// Stands in for Swift's Mutex, whose futex ThreadSanitizer does not know: it would take every
    /// two sections for a race.
    final class Mutex<Value>: @unchecked Sendable {
        private var value: Value
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

        init(_ value: consuming sending Value) {
            self.value = value
            pthread_mutex_init(mutex, nil)
        }

        deinit {
            pthread_mutex_destroy(mutex)
            mutex.deallocate()
        }

        func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            nonisolated(unsafe) var changed = value
            defer { value = changed }
            nonisolated(unsafe) let result = try body(&changed)
            return result
        }
    }
#endif
