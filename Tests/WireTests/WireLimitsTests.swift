import Domain
import FuzzSubjects
import Testing
import Wire

@Suite("Limits of messages")
struct WireLimitsTests {
    private func error<Message: WireMessage>(_ message: Message) -> WireError? {
        do {
            _ = try Message(body: message.encodedBody(), attachments: message.attachments)
            return nil
        } catch {
            return error
        }
    }

    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private func ids(_ count: Int) -> [String] { (0..<count).map { "\($0)" } }

    @Test("an id at the limit is read, one byte more is refused")
    func identifiers() {
        let limit = WireLimits.maximumIdentifierBytes
        #expect(error(GetUserRequest(userID: text(limit))) == nil)
        #expect(
            error(GetUserRequest(userID: text(limit + 1)))
                == WireError(field: "user_id", message: "has 257 bytes, more than 256"))
    }

    @Test("a title at the limit is read, one byte more and 10 MB are refused")
    func titles() {
        let limit = WireLimits.maximumTitleBytes
        func upsert(_ count: Int) -> UpsertItemsRequest {
            UpsertItemsRequest(items: [CatalogItem(id: "1", title: text(count))])
        }
        #expect(error(upsert(limit)) == nil)
        #expect(error(upsert(limit + 1))?.field == "items[0].title")
        #expect(
            error(upsert(10_000_000))
                == WireError(
                    field: "items[0].title", message: "has 10000000 bytes, more than 262144"))
    }

    @Test("a prompt's text at the limit is read, one byte more is refused")
    func promptText() {
        let limit = WireLimits.maximumTextBytes
        #expect(error(PromptSegment.text(text(limit))) == nil)
        #expect(error(PromptSegment.text(text(limit + 1)))?.field == "text")
    }

    @Test("a body beyond the limit is refused before it is read")
    func body() {
        let segment = PromptSegment.text(text(WireLimits.maximumTextBytes))
        #expect(
            error(RankRequest(prompt: Array(repeating: segment, count: 15))) == nil)
        #expect(
            error(RankRequest(prompt: Array(repeating: segment, count: 16)))
                == WireError(field: "", message: "has 4194432 bytes, more than 4194304"))
    }

    @Test("a body of just the limit is read")
    func fullBody() throws {
        var builder = BodyBuilder()
        let head = 6
        builder.field(100, [UInt8](repeating: 0, count: WireLimits.maximumBodyBytes - head))
        #expect(builder.bytes.count == WireLimits.maximumBodyBytes)
        #expect(try DescribeRequest(body: builder.bytes) == DescribeRequest())
        #expect(throws: WireError.self) { try DescribeRequest(body: builder.bytes + [0]) }
    }

    @Test("candidates at the limit are read, one more is refused")
    func candidates() {
        let limit = WireLimits.maximumCandidates
        #expect(error(RecommendRequest(candidateItemIDs: ids(limit))) == nil)
        #expect(
            error(RecommendRequest(candidateItemIDs: ids(limit + 1)))
                == WireError(
                    field: "candidate_item_ids", message: "has 1001 elements, more than 1000"))
        func rank(_ count: Int) -> RankRequest {
            RankRequest(candidates: ids(count).map { RankCandidate(id: $0, text: " a\n") })
        }
        #expect(error(rank(limit)) == nil)
        #expect(error(rank(limit + 1))?.field == "candidates")
    }

    @Test("a history at the limit is read, one more is refused")
    func history() {
        func request(_ count: Int) -> RetrieveRequest {
            RetrieveRequest(
                sequence: ItemSequence(items: ids(count).map { HistoryItem(itemID: $0) }))
        }
        #expect(error(request(WireLimits.maximumHistory)) == nil)
        #expect(error(request(WireLimits.maximumHistory + 1))?.field == "sequence.items")
    }

    @Test("lists without a limit of their own end at the general one")
    func lists() {
        let limit = WireLimits.maximumListCount
        #expect(error(GetItemsRequest(itemIDs: ids(limit))) == nil)
        #expect(
            error(GetItemsRequest(itemIDs: ids(limit + 1)))
                == WireError(field: "item_ids", message: "has more than 10000 elements"))
    }

    @Test("sequences, attributes, written items, segments and descriptions have their limits")
    func otherLists() {
        func check(_ limit: Int, _ field: String, _ make: (Int) -> WireError?) {
            #expect(make(limit) == nil, "\(field) at its limit")
            #expect(make(limit + 1)?.field == field)
        }
        check(WireLimits.maximumSequences, "sequences") {
            error(EncodeRequest(sequences: Array(repeating: ItemSequence(), count: $0)))
        }
        check(WireLimits.maximumKeyValues, "context.values") {
            error(
                RecommendRequest(
                    context: RequestContext(values: ids($0).map { KeyValue(key: $0) })))
        }
        check(WireLimits.maximumWrittenItems, "items") {
            error(UpsertItemsRequest(items: ids($0).map { CatalogItem(id: $0) }))
        }
        check(WireLimits.maximumSegments, "prompt") {
            error(RankRequest(prompt: Array(repeating: .text("a"), count: $0)))
        }
        check(WireLimits.maximumDescriptions, "releases") {
            error(DescribeResponse(releases: Array(repeating: ReleaseDescription(), count: $0)))
        }
    }

    @Test("unknown fields are skipped up to the limit")
    func unknownFields() throws {
        func body(_ count: Int) -> [UInt8] {
            var builder = BodyBuilder()
            builder.field(1, Array("r".utf8))
            for index in 0..<count { builder.field(UInt32(100 + index), varint: 1) }
            return builder.bytes
        }
        let limit = WireLimits.maximumUnknownFields
        #expect(try DescribeRequest(body: body(limit)) == DescribeRequest(release: "r"))
        #expect(throws: WireError.self) { try DescribeRequest(body: body(limit + 1)) }
    }

    @Test("a hash has 32 bytes or none", arguments: [1, 31, 33])
    func hashes(_ count: Int) {
        #expect(error(Adapter(name: "a", sha256: [])) == nil)
        #expect(
            error(Adapter(name: "a", sha256: Array(repeating: 1, count: WireLimits.hashBytes)))
                == nil)
        #expect(
            error(Adapter(name: "a", sha256: Array(repeating: 1, count: count)))?.field
                == "sha256")
    }
}
