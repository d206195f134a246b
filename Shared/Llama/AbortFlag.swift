internal import Synchronization

/// Says to the decode under way that it must stop: nobody who matters waits for it any more.
final class AbortFlag: Sendable {
    private let isSet = Atomic<Bool>(false)

    /// Stops the decode at its next operation.
    func set() { isSet.store(true, ordering: .releasing) }

    /// The next decode is wanted.
    func reset() { isSet.store(false, ordering: .releasing) }

    /// Asked before every operation of the model's graph, about a thousand times a decode.
    var mustStop: Bool { isSet.load(ordering: .acquiring) }
}
