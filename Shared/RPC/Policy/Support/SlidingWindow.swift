/// A sum over the last stretch of time, kept in slots that are forgotten one after the other.
struct SlidingWindow<Value: AdditiveArithmetic> {
    private let slotLength: Duration
    private var slots: [Value]
    private var origin: ContinuousClock.Instant?
    /// Number of the newest slot, counted from the origin.
    private var newest = 0

    init(length: Duration, slots count: Int = 10) {
        slotLength = length / count
        slots = Array(repeating: .zero, count: count)
    }

    mutating func add(_ value: Value, now: ContinuousClock.Instant) {
        advance(to: now)
        slots[newest % slots.count] += value
    }

    /// The sum of the last `length`, to the precision of a slot.
    mutating func total(now: ContinuousClock.Instant) -> Value {
        advance(to: now)
        return slots.reduce(.zero, +)
    }

    mutating func clear() {
        for index in slots.indices { slots[index] = .zero }
    }

    /// Time that goes back a little, as between threads, stays in the newest slot.
    private mutating func advance(to now: ContinuousClock.Instant) {
        guard let origin else {
            self.origin = now
            return
        }
        let slot = Int(origin.duration(to: now) / slotLength)
        guard slot > newest else { return }
        // After a pause longer than the window each slot is cleared once.
        for passed in max(newest + 1, slot - slots.count + 1)...slot {
            slots[passed % slots.count] = .zero
        }
        newest = slot
    }
}
