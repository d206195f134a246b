/// A call that the server has ended.
struct EndedCall {
    var stream: UInt32
    var outcome: Outcome

    /// What became of it.
    ///
    /// Of HTTP/2, whose header compression the load does not undo, every answer counts as success.
    enum Outcome {
        case success
        /// RESOURCE_EXHAUSTED: the server would not begin it.
        case refusal
        case failure
    }
}

/// What the server allows, as it has said so far.
struct PeerAllowance {
    /// Bytes of messages that it still takes on the connection.
    var windowBytes: Int
    /// Calls at a time.
    var streams: Int
}

/// A protocol as the load speaks it: calls from prepared bytes, answers read no further than their
/// frames' headers.
protocol LoadWire {
    /// Preface and settings, with all the window for the server that there is.
    var greeting: [UInt8] { get }
    /// Of the server's window that one call takes.
    var callWindowBytes: Int { get }
    var allowance: PeerAllowance { get }
    /// Whether the server's settings have come.
    var isReady: Bool { get }

    /// Appends a call's bytes.
    mutating func begin(_ stream: UInt32, _ output: inout [UInt8])

    /// Takes the whole frames at the beginning of `input` and appends what must be answered.
    ///
    /// - Returns: the number of bytes taken.
    mutating func take(
        _ input: UnsafeRawBufferPointer, ended: inout [EndedCall], output: inout [UInt8]
    ) throws -> Int
}

/// Numbers in prepared bytes.
enum WireBytes {
    static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    static func big(_ value: UInt32) -> [UInt8] { little(value).reversed() }

    static let largestWindow: UInt32 = 2_147_483_647
    /// Received bytes after which the server's window is filled up again.
    static let windowRefill: UInt32 = 1 << 29
}
