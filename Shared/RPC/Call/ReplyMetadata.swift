internal import Synchronization

/// What a server sends beside its responses, on either side of a call.
///
/// A caller makes one, gives it to ``CallOptions/reply`` and reads it when the first response, or
/// the end, has come. A handler finds one in ``CallContext/reply``.
public final class ReplyMetadata: Sendable {
    private struct State {
        var initial = Metadata()
        var trailing = Metadata()
    }

    private let state = Mutex(State())

    /// Metadata without entries.
    public init() {}

    /// What came, or was sent, before the first response.
    public var initial: Metadata { state.withLock { $0.initial } }

    /// What came with the status; or, in a handler, what will go with it.
    public var trailing: Metadata {
        get { state.withLock { $0.trailing } }
        set { state.withLock { $0.trailing = newValue } }
    }

    func setInitial(_ metadata: Metadata) { state.withLock { $0.initial = metadata } }

    /// Takes over what an attempt brought.
    func adopt(_ other: ReplyMetadata) {
        let taken = other.state.withLock { $0 }
        state.withLock { $0 = taken }
    }

    /// Another attempt begins: what the one before brought counts no more.
    func clear() { state.withLock { $0 = State() } }
}
