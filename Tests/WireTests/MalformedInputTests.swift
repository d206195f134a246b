import CMessages
import CProtobufC
import Domain
import FuzzSubjects
import Testing

@testable import Wire

@Suite("Malformed bodies")
struct MalformedInputTests {
    private func error<Message: WireMessage>(
        _ kind: Message.Type, _ body: [UInt8]
    ) -> WireError? {
        do {
            _ = try Message(body: body, attachments: attachments(for: kind))
            return nil
        } catch {
            return error
        }
    }

    private func body(_ build: (inout BodyBuilder) -> Void) -> [UInt8] {
        var builder = BodyBuilder()
        build(&builder)
        return builder.bytes
    }

    @Test("a body cut at any byte, or with any byte changed, reads or is refused; nothing crashes")
    func mutations() throws {
        var random = SeededGenerator(seed: 7)
        var refused = 0
        for kind in convertibleKinds {
            var generator = BodyGenerator(seed: 11)
            let whole = generator.body(of: MessageSchema(kind.descriptor))
            for cut in 0..<whole.count {
                refused += error(kind, Array(whole[..<cut])) == nil ? 0 : 1
                var changed = whole
                changed[cut] = UInt8.random(in: 0...255, using: &random)
                refused += error(kind, changed) == nil ? 0 : 1
            }
        }
        #expect(refused > 100)
    }

    @Test("a body cut inside a field says so")
    func truncation() {
        let whole = GetUserRequest(userID: "someone").encodedBody()
        for cut in 1..<whole.count {
            #expect(
                error(GetUserRequest.self, Array(whole[..<cut]))
                    == WireError(field: "", message: "ends in the middle of a field"))
        }
    }

    @Test("random bytes never crash a decoder")
    func randomBytes() {
        var random = SeededGenerator(seed: 3)
        for kind in convertibleKinds {
            for _ in 0..<200 {
                let count = Int.random(in: 0...64, using: &random)
                _ = error(kind, (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
            }
        }
    }

    @Test(
        "a string that is not UTF-8 is refused by its path",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE4, 0xB8], [0xF5, 0x80, 0x80, 0x80],
        ])
    func invalidText(_ text: [UInt8]) {
        let item = body { $0.field(1, text) }
        let sequence = body {
            $0.field(1, body { $0.field(1, [0x61]) })
            $0.field(1, item)
        }
        #expect(
            error(RecommendRequest.self, body { $0.field(2, sequence) })
                == WireError(field: "sequence.items[1].item_id", message: "is not UTF-8"))
    }

    @Test("a NUL anywhere in a string is refused", arguments: 0...2)
    func interiorNUL(_ position: Int) {
        var text: [UInt8] = [0x61, 0x62]
        text.insert(0, at: position)
        #expect(
            error(GetUserRequest.self, body { $0.field(1, text) })
                == WireError(field: "user_id", message: "holds a NUL"))
    }

    @Test(
        "20,000 nested messages are refused or skipped without a crash", arguments: 1...12)
    func deepNesting(_ field: UInt32) {
        // From the inside out, and reversed at the end: each level is a tag and the inner's length.
        var reversed: [UInt8] = []
        for _ in 0..<20_000 {
            var level = BodyBuilder()
            level.tag(field, 2)
            level.varint(UInt64(reversed.count))
            reversed += level.bytes.reversed()
        }
        let nested = Array(reversed.reversed())
        for kind in convertibleKinds { _ = error(kind, nested) }
        // Field 1 is an id or a name in the end: what stands there is not text.
        #expect(field > 1 || error(RecommendResponse.self, nested) != nil)
    }

    @Test("messages nested up to the limit are read, one more is refused")
    func nestingLimit() throws {
        let response = RecommendResponse(items: [
            RecommendedItem(id: "1", parts: ScoreParts(llm: 1))
        ])
        try response.encodedBody().span.withUnsafeBytes { bytes in
            var enough = MessageScan(maximumNesting: 3)
            try enough.check(bytes, as: RecommendResponse.descriptor)
            var tooFew = MessageScan(maximumNesting: 2)
            let error = #expect(throws: WireError.self) {
                try tooFew.check(bytes, as: RecommendResponse.descriptor)
            }
            #expect(error?.field == "items[0].parts")
        }
    }

    @Test("no message is nested deeper than the limit, or wider than the scan counts")
    func schemaFitsTheScan() {
        func depth(_ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, _ level: Int) -> Int {
            guard level <= WireLimits.maximumNesting else { return level }
            let fields = UnsafeBufferPointer(
                start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
            #expect(fields.count <= MessageScan.maximumFieldsOfMessage)
            return fields.filter { $0.type == PROTOBUF_C_TYPE_MESSAGE }.map {
                depth(
                    $0.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self),
                    level + 1)
            }.max() ?? level
        }
        for kind in convertibleKinds {
            #expect(depth(kind.descriptor, 1) <= WireLimits.maximumNesting, "\(kind)")
        }
    }

    @Test("a known field with another wire type is refused")
    func wrongWireType() {
        #expect(error(GetUserRequest.self, body { $0.field(1, varint: 1) })?.field == "user_id")
        let scored = body {
            $0.field(1, [0x61])
            $0.field(2, littleEndian: UInt64(0))
        }
        #expect(
            error(RetrieveResponse.self, body { $0.field(2, scored) })
                == WireError(field: "items[0].score", message: "has the wire type of another type"))
    }

    @Test("groups and unknown wire types are refused", arguments: [3, 4, 6, 7] as [UInt64])
    func groups(_ wireType: UInt64) {
        #expect(error(DescribeRequest.self, body { $0.tag(9, wireType) }) != nil)
    }

    @Test("field numbers 0 and 2^29 are refused")
    func fieldNumbers() {
        #expect(error(DescribeRequest.self, [0x02, 0x00]) != nil)
        #expect(error(DescribeRequest.self, body { $0.field(1 << 29, varint: 0) }) != nil)
        #expect(error(DescribeRequest.self, body { $0.field(1 << 29 - 1, varint: 0) }) == nil)
    }

    @Test("a varint of more than 64 bits is refused")
    func longVarint() {
        let ten = Array(repeating: UInt8(0xFF), count: 9)
        #expect(error(RecommendRequest.self, [0x58] + ten + [0x01]) == nil)
        #expect(error(RecommendRequest.self, [0x58] + ten + [0x02])?.field == "")
        #expect(error(RecommendRequest.self, [0x58] + ten + [0x81, 0x00])?.field == "")
    }

    @Test("a count beyond 32 bits is refused, not truncated")
    func countBeyond32Bits() {
        #expect(
            error(RecommendRequest.self, body { $0.field(4, varint: 1 << 32 + 1) })
                == WireError(field: "count", message: "is beyond 32 bits"))
    }

    @Test("a singular field that stands twice is refused")
    func duplicates() {
        let twice = body {
            $0.field(1, [0x61])
            $0.field(1, [0x62])
        }
        #expect(
            error(GetUserRequest.self, twice)
                == WireError(field: "user_id", message: "stands twice"))
    }

    @Test(
        "a score that is not finite is refused",
        arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(_ value: Double) {
        #expect(
            error(RecommendResponse.self, body { $0.field(2, littleEndian: value.bitPattern) })
                == WireError(field: "coverage", message: "is not a finite number"))
        let item = body {
            $0.field(1, [0x61])
            $0.field(3, littleEndian: Float(value).bitPattern)
        }
        #expect(
            error(AppendInteractionsRequest.self, body { $0.field(2, item) })
                == WireError(field: "items[0].rating", message: "is not a finite number"))
    }

    @Test("an enum value that this version does not know is refused")
    func unknownEnumValues() {
        #expect(
            error(RecommendRequest.self, body { $0.field(8, varint: 5) })?.field
                == "representation")
        #expect(
            error(HealthCheckResponse.self, body { $0.field(1, varint: 3) })?.field == "status")
        let item = body {
            $0.field(1, [0x61])
            $0.field(4, varint: .max)
        }
        #expect(
            error(UpsertItemsRequest.self, body { $0.field(1, item) })?.field == "items[0].state")
    }

    @Test("an id that must be there is refused when it is empty")
    func emptyIdentifiers() {
        #expect(error(GetUserRequest.self, [])?.field == "user_id")
        #expect(
            error(
                GetItemsRequest.self,
                body {
                    $0.field(1, [0x61])
                    $0.field(1, [])
                })?.field == "item_ids[1]")
        #expect(
            error(UpsertItemsRequest.self, body { $0.field(1, []) })?.field == "items[0].id")
    }

    @Test("a segment that is neither text nor vectors, or has no rows, is refused")
    func segments() {
        #expect(error(PromptSegment.self, [])?.field == "content")
        let noRows = body { $0.field(1, Array("item".utf8)) }
        #expect(
            error(RankRequest.self, body { $0.field(3, body { $0.field(2, noRows) }) })?.field
                == "prompt[0].vectors.row_count")
    }
}
