import Foundation
import Synchronization

/// A wish to stop between two steps: SIGINT or SIGTERM, instead of ending the process at once.
enum StopRequest {
    /// The signal's number; 0 while there is none.
    private static let number = Atomic<Int32>(0)

    /// Listens from here on; a second signal of the kind ends the process as usual.
    static func listen() {
        // Touched once before a handler can run, because a handler must not initialise it.
        number.store(0, ordering: .relaxed)
        var kinds = sigset_t()
        sigemptyset(&kinds)
        for kind in [SIGINT, SIGTERM] {
            sigaddset(&kinds, kind)
            signal(kind) { received in
                StopRequest.number.store(received, ordering: .relaxed)
                signal(received, SIG_DFL)
            }
        }
        // A parent may have started this process from a thread that blocks them.
        pthread_sigmask(SIG_UNBLOCK, &kinds, nil)
    }

    /// The signal that came, if one did.
    static var signalNumber: Int32? {
        let value = number.load(ordering: .relaxed)
        return value == 0 ? nil : value
    }
}
