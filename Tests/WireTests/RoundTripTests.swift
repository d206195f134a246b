import Domain
import FuzzSubjects
import Testing

@testable import Wire

@Suite("Message round trips")
struct RoundTripTests {
    @Test("a body drawn from the descriptors reads and writes back to the same bytes")
    func drawnBodies() throws {
        for kind in convertibleKinds {
            for seed in 0..<40 {
                var generator = BodyGenerator(seed: UInt64(seed))
                try check(kind, generator.body(of: MessageSchema(kind.descriptor)))
            }
        }
    }

    private func check<Message: WireMessage>(_ kind: Message.Type, _ body: [UInt8]) throws {
        let message = try Message(body: body, attachments: attachments(for: kind))
        #expect(message.encodedBody() == body, "\(kind)")
        #expect(message.attachments == attachments(for: kind), "\(kind)")
        let again = try Message(body: message.encodedBody(), attachments: message.attachments)
        #expect(again == message, "\(kind)")
    }

    @Test("an empty body is every field's default")
    func emptyBody() throws {
        #expect(try RecommendRequest(body: []) == RecommendRequest())
        #expect(try RecommendResponse(body: []) == RecommendResponse())
        #expect(try HealthCheckResponse(body: []) == HealthCheckResponse())
        #expect(try DescribeRequest(body: []) == DescribeRequest())
        #expect(RecommendRequest().encodedBody().isEmpty)
    }

    @Test("an absent sequence and an empty one are told apart")
    func presence() throws {
        let absent = RecommendRequest(userID: "1")
        let empty = RecommendRequest(userID: "1", sequence: ItemSequence())
        #expect(absent.encodedBody() != empty.encodedBody())
        #expect(try RecommendRequest(body: empty.encodedBody()).sequence == ItemSequence())
    }

    @Test("an empty text segment stays a text segment")
    func emptySegment() throws {
        let segment = PromptSegment.text("")
        #expect(try PromptSegment(body: segment.encodedBody()) == segment)
    }

    @Test("integers at the ends of their types survive")
    func extremes() throws {
        let request = RecommendRequest(
            count: Int(UInt32.max), context: RequestContext(timeSeconds: .min),
            minVersion: .max)
        #expect(try RecommendRequest(body: request.encodedBody()) == request)
    }

    @Test("a count that does not fit is written as the nearest that does")
    func clampedCounts() throws {
        let negative = RecommendRequest(count: -1).encodedBody()
        #expect(try RecommendRequest(body: negative).count == 0)
        let great = RecommendRequest(count: .max).encodedBody()
        #expect(try RecommendRequest(body: great).count == Int(UInt32.max))
    }

    @Test("a NUL inside a string is refused by the receiver, not cut short")
    func writtenNUL() throws {
        let request = GetUserRequest(userID: "4\u{0}2")
        let error = #expect(throws: WireError.self) {
            try GetUserRequest(body: request.encodedBody())
        }
        #expect(error?.field == "user_id")
    }

    @Test("a great message takes more than one block of the arena")
    func greatMessage() throws {
        let items = (0..<1_000).map {
            CatalogItem(
                id: "\($0)", title: String(repeating: "t", count: $0 * 2),
                attributes: [KeyValue(key: "year", value: "19\($0 % 100)")], state: .hidden)
        }
        let request = UpsertItemsRequest(items: items, author: "an owner")
        #expect(try UpsertItemsRequest(body: request.encodedBody()) == request)
    }
}
