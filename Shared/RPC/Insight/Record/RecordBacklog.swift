/// Memory that a recorder holds, and what became of the calls that it began to record.
struct RecordBacklog {
    private let limit: Int
    private(set) var heldBytes = 0
    private(set) var counts = CallRecorder.Counts()

    init(limit: Int) { self.limit = limit }

    /// Takes memory for a request; false if there is not enough.
    mutating func take(_ bytes: Int) -> Bool {
        guard bytes <= limit - heldBytes else { return false }
        heldBytes += bytes
        return true
    }

    /// A call that held `bytes` is done.
    mutating func done(_ bytes: Int, _ outcome: CallRecorder.Outcome) {
        heldBytes -= bytes
        switch outcome {
        case .written: counts.written += 1
        case .dropped: counts.dropped += 1
        case .tooLarge: counts.tooLarge += 1
        case .unwritten: counts.unwritten += 1
        }
    }
}
