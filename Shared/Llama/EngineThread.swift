internal import Glibc

/// Starts the operating-system thread that owns a context: decodes take too long for one of the
/// cooperative pool's few threads, and OpenMP keeps its workers by the calling thread.
enum EngineThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a new detached thread.
    ///
    /// - Throws: `LlamaError` with `resourceExhausted` when no thread can be made.
    static func start(_ body: @escaping @Sendable () -> Void) throws(LlamaError) {
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
            throw LlamaError(
                .resourceExhausted, "no thread is left for the engine (errno \(code))")
        }
        pthread_detach(thread)
    }
}
