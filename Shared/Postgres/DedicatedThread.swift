import Glibc

/// Starts an operating-system thread: libpq's blocking calls must never hold one of the
/// cooperative pool's few threads, nor an event loop.
enum DedicatedThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a new detached thread.
    ///
    /// - Throws: `PostgresError` of kind `resourceExhausted` when no thread can be made.
    static func start(_ body: @escaping @Sendable () -> Void) throws(PostgresError) {
        let start = Unmanaged.passRetained(Start(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw PostgresError(
                .resourceExhausted, "no thread left for a database connection (errno \(code))")
        }
        pthread_detach(thread)
    }
}
