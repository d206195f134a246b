/// Messages that a reader has taken, or has not: what windows and the memory limit count.
struct Consumption: Equatable, Sendable {
    var messages = 0
    /// Payloads of their last frames, which the peer's windows get back.
    var windowBytes = 0
    /// Their content, uncompressed.
    var contentBytes = 0

    static let none = Consumption()

    var isEmpty: Bool { messages == 0 }

    static func += (total: inout Consumption, more: Consumption) {
        total.messages += more.messages
        total.windowBytes += more.windowBytes
        total.contentBytes += more.contentBytes
    }
}
