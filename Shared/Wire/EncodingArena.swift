import CMessages
import CProtobufC

/// Memory of the C structs of one message while it is packed; freed as a whole.
final class EncodingArena {
    /// Grows with the message: a small one costs one allocation.
    private static let firstBlockBytes = 1_024

    private var blocks: [UnsafeMutableRawPointer] = []
    private var blockBytes = EncodingArena.firstBlockBytes
    private var used = EncodingArena.firstBlockBytes

    deinit { for block in blocks { block.deallocate() } }

    /// The struct of `message`, filled.
    func message<Message: ProtobufConvertible>(
        _ message: Message
    ) -> UnsafeMutablePointer<Message.C> {
        structure(initialisedBy: Message.initialise) { message.fill(&$0, self) }
    }

    /// A struct, initialised by protoc-c's function and then filled.
    func structure<C>(
        initialisedBy initialise: (UnsafeMutablePointer<C>?) -> Void, _ fill: (inout C) -> Void
    ) -> UnsafeMutablePointer<C> {
        let c = allocate(C.self, count: 1)
        initialise(c)
        fill(&c.pointee)
        return c
    }

    /// The same for a message that may be absent.
    func optional<Message: ProtobufConvertible>(
        _ message: Message?
    ) -> UnsafeMutablePointer<Message.C>? {
        message.map { self.message($0) }
    }

    /// A repeated message field: its count and its pointers.
    func list<Message: ProtobufConvertible>(
        _ messages: [Message]
    ) -> (count: Int, pointers: UnsafeMutablePointer<UnsafeMutablePointer<Message.C>?>?) {
        pointers(to: messages) { self.message($0) }
    }

    /// A repeated string field: its count and its pointers.
    func strings(
        _ texts: [String]
    ) -> (count: Int, pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        pointers(to: texts) { self.string($0) }
    }

    /// A repeated number field: its count and its values.
    func numbers(_ numbers: [UInt64]) -> (count: Int, values: UnsafeMutablePointer<UInt64>?) {
        guard !numbers.isEmpty else { return (0, nil) }
        let start = allocate(UInt64.self, count: numbers.count)
        start.initialize(from: numbers, count: numbers.count)
        return (numbers.count, start)
    }

    /// A NUL-terminated copy; a NUL of the text becomes C0 80 (``WireMessage/encodedBody()``).
    func string(_ text: String) -> UnsafeMutablePointer<CChar> {
        let nulCount = text.utf8.count { $0 == 0 }
        let start = allocate(CChar.self, count: text.utf8.count + nulCount + 1)
        var next = start
        for byte in text.utf8 {
            if byte == 0 {
                next.pointee = CChar(bitPattern: 0xC0)
                next += 1
            }
            next.pointee = CChar(bitPattern: byte == 0 ? 0x80 : byte)
            next += 1
        }
        next.pointee = 0
        return start
    }

    /// A copy of opaque bytes.
    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        guard !bytes.isEmpty else { return ProtobufCBinaryData() }
        let start = allocate(UInt8.self, count: bytes.count)
        start.initialize(from: bytes, count: bytes.count)
        return ProtobufCBinaryData(len: bytes.count, data: start)
    }

    private func pointers<Element, C>(
        to elements: [Element], _ make: (Element) -> UnsafeMutablePointer<C>
    ) -> (count: Int, pointers: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?) {
        guard !elements.isEmpty else { return (0, nil) }
        let start = allocate(UnsafeMutablePointer<C>?.self, count: elements.count)
        for (index, element) in elements.enumerated() {
            (start + index).initialize(to: make(element))
        }
        return (elements.count, start)
    }

    private func allocate<T>(_ type: T.Type, count: Int) -> UnsafeMutablePointer<T> {
        // All C structs here hold pointers and doubles at most: one alignment serves all.
        let needed = (MemoryLayout<T>.stride * count + 15) & ~15
        if blocks.isEmpty || used + needed > blockBytes {
            blockBytes = max(blocks.isEmpty ? Self.firstBlockBytes : blockBytes * 2, needed)
            blocks.append(.allocate(byteCount: blockBytes, alignment: 16))
            used = 0
        }
        defer { used += needed }
        return (blocks[blocks.count - 1] + used).bindMemory(to: type, capacity: count)
    }
}
