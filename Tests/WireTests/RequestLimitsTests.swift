import Domain
import FuzzSubjects
import Testing

@testable import Wire

/// Limits and conditions of single fields; those of every message are in ``WireLimitsTests``.
@Suite("Limits of fields")
struct RequestLimitsTests {
    private func error<Message: WireMessage>(_ message: Message) -> WireError? {
        do {
            _ = try Message(body: message.encodedBody(), attachments: message.attachments)
            return nil
        } catch {
            return error
        }
    }

    private func error<Message: WireMessage>(_: Message.Type, _ body: [UInt8]) -> WireError? {
        do {
            _ = try Message(body: body)
            return nil
        } catch {
            return error
        }
    }

    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private func list(_ filters: [AttributeFilter]) -> ListItemsRequest {
        ListItemsRequest(filters: filters)
    }

    @Test("filters at the limit are read, one more is refused")
    func filters() {
        let limit = WireLimits.maximumFilters
        func filters(_ count: Int) -> [AttributeFilter] {
            (0..<count).map { AttributeFilter(key: "\($0)") }
        }
        #expect(error(list(filters(limit))) == nil)
        #expect(
            error(list(filters(limit + 1)))
                == WireError(field: "filters", message: "has 17 elements, more than 16"))
        #expect(error(RecommendRequest(filters: filters(limit))) == nil)
        #expect(error(RecommendRequest(filters: filters(limit + 1)))?.field == "filters")
    }

    @Test("values of a filter at their limits are read, one more and a longer one are refused")
    func filterValues() {
        func filter(_ count: Int, bytes: Int = 1) -> ListItemsRequest {
            list([
                AttributeFilter(key: "k", anyOf: Array(repeating: text(bytes), count: count))
            ])
        }
        let limit = WireLimits.maximumFilterValues
        #expect(error(filter(limit)) == nil)
        #expect(
            error(filter(limit + 1))
                == WireError(field: "filters[0].any_of", message: "has 257 elements, more than 256")
        )
        #expect(error(filter(1, bytes: WireLimits.maximumTitleBytes)) == nil)
        #expect(
            error(filter(1, bytes: WireLimits.maximumTitleBytes + 1))?.field
                == "filters[0].any_of[0]")
        #expect(error(list([AttributeFilter(key: "")]))?.field == "filters[0].key")
    }

    @Test("a range has a bound, and its bounds are in order")
    func ranges() {
        func range(_ range: NumberRange) -> WireError? {
            error(list([AttributeFilter(key: "k", range: range)]))
        }
        #expect(range(NumberRange(minimum: 2, maximum: 2)) == nil)
        #expect(
            range(NumberRange(minimum: 2.5, maximum: 2))
                == WireError(
                    field: "filters[0].range.minimum", message: "is greater than the maximum"))
        #expect(
            range(NumberRange())
                == WireError(
                    field: "filters[0].range", message: "has neither a minimum nor a maximum"))
    }

    @Test("a number whose presence is not said is refused: it would be ignored in silence")
    func unsaidPresence() {
        var range = BodyBuilder()
        range.field(2, littleEndian: Double(5).bitPattern)
        var filter = BodyBuilder()
        filter.field(1, Array("k".utf8))
        filter.field(3, range.bytes)
        var request = BodyBuilder()
        request.field(4, filter.bytes)
        #expect(
            error(ListItemsRequest.self, request.bytes)
                == WireError(
                    field: "filters[0].range.minimum",
                    message: "is given, but has_minimum is not true"))
        var patch = BodyBuilder()
        patch.field(1, Array("1".utf8))
        patch.field(7, varint: 5)
        #expect(
            error(ItemPatch.self, patch.bytes)
                == WireError(
                    field: "expires_at_seconds",
                    message: "is given, but changes_expiry is not true"))
    }

    @Test("patches and what they change at their limits are read, one more is refused")
    func patches() {
        func request(_ count: Int) -> PatchItemsRequest {
            PatchItemsRequest(patches: (0..<count).map { ItemPatch(id: "\($0)") })
        }
        #expect(error(request(WireLimits.maximumWrittenItems)) == nil)
        #expect(error(request(WireLimits.maximumWrittenItems + 1))?.field == "patches")
        func keys(_ count: Int) -> ItemPatch {
            ItemPatch(
                id: "1", setAttributes: (0..<count).map { KeyValue(key: "\($0)") },
                removedAttributeKeys: (0..<count).map { "r\($0)" })
        }
        var tooMany = keys(WireLimits.maximumKeyValues + 1)
        #expect(error(keys(WireLimits.maximumKeyValues)) == nil)
        #expect(error(tooMany)?.field == "set_attributes")
        tooMany.setAttributes = []
        #expect(error(tooMany)?.field == "removed_attribute_keys")
        #expect(
            error(ItemPatch(id: "1", title: text(WireLimits.maximumTitleBytes + 1)))?.field
                == "title")
    }

    @Test("an idempotency key of up to 128 visible characters is read")
    func idempotencyKeys() {
        let limit = WireLimits.maximumIdempotencyKeyBytes
        for length in [0, 1, limit] {
            #expect(error(DeleteUserRequest(userID: "u", idempotencyKey: text(length))) == nil)
        }
        #expect(
            error(DeleteUserRequest(userID: "u", idempotencyKey: text(limit + 1)))
                == WireError(field: "idempotency_key", message: "has 129 bytes, more than 128"))
        #expect(error(DeleteUserRequest(userID: "u", idempotencyKey: "!~")) == nil)
    }

    @Test(
        "an idempotency key holds visible ASCII characters only",
        arguments: ["a b", "a\n", "\u{7F}", "é", "\u{1}"])
    func invisibleKeys(_ key: String) {
        let expected = WireError(
            field: "idempotency_key", message: "holds other than visible ASCII characters")
        #expect(error(UpsertItemsRequest(idempotencyKey: key)) == expected)
        #expect(error(PatchItemsRequest(idempotencyKey: key)) == expected)
        #expect(error(DeleteItemsRequest(idempotencyKey: key)) == expected)
        #expect(error(AppendInteractionsRequest(userID: "u", idempotencyKey: key)) == expected)
    }

    @Test("versions stand for each id, or for none")
    func versions() {
        func request(_ versions: [UInt64]) -> WireError? {
            error(DeleteItemsRequest(itemIDs: ["1", "2"], ifVersions: versions))
        }
        #expect(request([]) == nil)
        #expect(request([1, .max]) == nil)
        #expect(
            request([1])
                == WireError(field: "if_versions", message: "has 1 elements for 2 items"))
        #expect(request([1, 2, 3])?.field == "if_versions")
    }

    @Test("a packed list is counted by its elements, and read to its last byte")
    func packed() {
        func body(_ count: Int, _ last: [UInt8] = []) -> [UInt8] {
            var builder = BodyBuilder()
            builder.field(4, Array(repeating: 1, count: count) + last)
            return builder.bytes
        }
        let limit = WireLimits.maximumListCount
        #expect(
            error(DeleteItemsRequest.self, body(limit))?.message
                == "has 10000 elements for 0 items")
        #expect(
            error(DeleteItemsRequest.self, body(limit + 1))
                == WireError(field: "if_versions", message: "has more than 10000 elements"))
        #expect(
            error(DeleteItemsRequest.self, body(limit) + body(1))
                == WireError(field: "if_versions", message: "has more than 10000 elements"))
        #expect(
            error(DeleteItemsRequest.self, body(0, [0x80]))
                == WireError(field: "if_versions", message: "ends in the middle of a field"))
        #expect(
            error(DeleteItemsRequest.self, body(0, Array(repeating: 0xFF, count: 10)))
                == WireError(field: "if_versions", message: "has a varint of more than 64 bits"))
    }

    @Test("generated tokens and the temperature at their limits are read, beyond is refused")
    func generation() {
        let limit = WireLimits.maximumGeneratedTokens
        #expect(error(GenerateRequest(maximumTokenCount: limit)) == nil)
        #expect(
            error(GenerateRequest(maximumTokenCount: limit + 1))
                == WireError(field: "maximum_token_count", message: "is 257, more than 256"))
        let hottest = WireLimits.maximumTemperature
        #expect(error(GenerateRequest(temperature: hottest)) == nil)
        for temperature in [hottest.nextUp, -0.1] {
            #expect(
                error(GenerateRequest(temperature: temperature))
                    == WireError(field: "temperature", message: "is outside of 0...10.0"))
        }
    }

    @Test("candidates and vectors of a generation have the limits of a ranking")
    func generationPrompt() {
        func candidates(_ count: Int) -> GenerateRequest {
            GenerateRequest(candidates: (0..<count).map { RankCandidate(id: "\($0)", text: "t") })
        }
        #expect(error(candidates(WireLimits.maximumCandidates)) == nil)
        #expect(error(candidates(WireLimits.maximumCandidates + 1))?.field == "candidates")
        let rows = FloatTensor(rows: 2, columns: 1, values: [1, 2])
        func segment(_ rowCount: Int) -> GenerateRequest {
            GenerateRequest(
                prompt: [.vectors(role: "item", firstRow: 1, rowCount: rowCount)], vectors: rows)
        }
        #expect(error(segment(1)) == nil)
        #expect(error(segment(2))?.field == "prompt[0].vectors")
    }

    @Test("a prompt shown in an answer has its limits")
    func promptTokens() {
        func answer(_ count: Int, bytes: Int = 1) -> RankResponse {
            let token = PromptToken(id: 1, text: Array(repeating: 97, count: bytes))
            return RankResponse(promptTokens: Array(repeating: token, count: count))
        }
        #expect(error(answer(WireLimits.maximumPromptTokens)) == nil)
        #expect(error(answer(WireLimits.maximumPromptTokens + 1))?.field == "prompt_tokens")
        #expect(error(answer(1, bytes: WireLimits.maximumTokenBytes)) == nil)
        #expect(
            error(answer(1, bytes: WireLimits.maximumTokenBytes + 1))
                == WireError(
                    field: "prompt_tokens[0].text", message: "has 1025 bytes, more than 1024"))
    }
}
