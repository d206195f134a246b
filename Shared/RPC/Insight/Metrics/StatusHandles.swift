internal import Synchronization

/// Handles of one method for each status, made when a call first ends with it: making one takes a
/// lock and a search in most back ends, and a status that never occurs needs none.
final class StatusHandles<Handles: Sendable>: Sendable {
    private let made: Mutex<[RPCError.Code: Handles]>
    private let make: @Sendable (_ status: String) -> Handles

    init(_ make: @escaping @Sendable (_ status: String) -> Handles) {
        made = Mutex([:])
        self.make = make
    }

    subscript(code: RPCError.Code) -> Handles {
        made.withLock { made in
            if let handles = made[code] { return handles }
            let handles = make(code.name)
            made[code] = handles
            return handles
        }
    }
}
