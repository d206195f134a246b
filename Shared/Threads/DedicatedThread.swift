internal import Glibc

/// Starts an operating-system thread, for calls that block or compute for long: they must never
/// hold one of the cooperative pool's few threads, nor an event loop.
public enum DedicatedThread {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a new detached thread, and lets go of it when it returns.
    ///
    /// - Parameter failure: makes the error for when no thread can be made, of the system's number.
    /// - Throws: what `failure` makes.
    public static func start<Failure: Error>(
        orThrow failure: (_ errno: Int32) -> Failure, _ body: @escaping @Sendable () -> Void
    ) throws(Failure) {
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
            throw failure(code)
        }
        pthread_detach(thread)
    }
}
