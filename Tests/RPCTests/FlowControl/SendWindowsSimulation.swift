import Domain
import Testing

@testable import RPC

/// Random writers and a random peer on the two halves of the windows: what one side sends within
/// its windows the other must never refuse, and all of it arrives.
struct SendWindowsSimulation {
    private static let connectionBytes = 100_000
    private static let streamBytes = 70_000

    private var generator: SeededGenerator
    private var sender = SendWindows(
        connectionBytes: connectionBytes, streamBytes: streamBytes, frameBytes: 40_000,
        waitingBytesLimit: 200_000, waitingMessagesLimit: 8)
    private var receiver = ReceiveWindows(
        connectionBytes: connectionBytes, streamBytes: streamBytes)
    private var open: [StreamID] = []
    private var nextID: StreamID = 1
    /// Last frames of messages that nobody has taken.
    private var unread: [(StreamID, Int)] = []
    private var written: [StreamID: Int] = [:]
    private var arrived: [StreamID: Int] = [:]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    consuming func run(events: Int) throws {
        for _ in 0..<events { try step() }
        // Whoever reads on gets everything: nothing is stuck.
        while true {
            while let slice = sender.next() { try deliver(slice) }
            guard let (id, bytes) = unread.popLast() else { break }
            try apply(receiver.consumed(id, bytes: bytes), to: id)
        }
        #expect(sender.waitingBytes == 0)
        #expect(receiver.heldBytes == 0)
        for id in open { #expect(arrived[id, default: 0] == written[id, default: 0]) }
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<20, using: &generator) {
        case 0:
            open.append(nextID)
            sender.open(nextID)
            receiver.open(nextID)
            nextID += 2
        case 1 where open.count > 4:
            let id = open.remove(at: Int.random(in: open.indices, using: &generator))
            sender.close(id)
            try apply(receiver.close(id), to: id)
            unread.removeAll { $0.0 == id }
        case 2..<8:
            guard let id = open.randomElement(using: &generator) else { return }
            let bytes = Int.random(in: 0...150_000, using: &generator)
            if sender.enqueue(id, bytes: bytes) == .accepted { written[id, default: 0] += bytes }
        case 8..<16:
            if let slice = sender.next() { try deliver(slice) }
        default:
            guard !unread.isEmpty else { return }
            let (id, bytes) = unread.remove(
                at: Int.random(in: unread.indices, using: &generator))
            try apply(receiver.consumed(id, bytes: bytes), to: id)
        }
    }

    private mutating func deliver(_ slice: SendWindows.Slice) throws {
        arrived[slice.stream, default: 0] += slice.bytes
        let updates = try receiver.received(
            slice.stream, bytes: slice.bytes, hasMore: !slice.completesMessage)
        try apply(updates, to: slice.stream)
        if slice.completesMessage { unread.append((slice.stream, slice.bytes)) }
        #expect(receiver.heldBytes <= Self.connectionBytes)
    }

    private mutating func apply(_ updates: ReceiveWindows.Updates, to id: StreamID) throws {
        if let bytes = updates.connection { try sender.grow(0, by: bytes) }
        if let bytes = updates.stream { try sender.grow(id, by: bytes) }
    }
}
