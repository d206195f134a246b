import Domain
import Testing
import Wire

@Suite("Attachments of messages")
struct AttachmentTests {
    private let tensor = FloatTensor(rows: 2, columns: 2, values: [1, 2, 3, 4])

    @Test("a message without attachments refuses one")
    func unexpected() {
        let error = #expect(throws: WireError.self) {
            try DescribeRequest(body: [], attachments: [tensor])
        }
        #expect(error?.field == "attachments")
    }

    @Test("a message with an attachment refuses none and two", arguments: [0, 2])
    func wrongCount(_ count: Int) {
        #expect(throws: WireError.self) {
            try EncodeResponse(body: [], attachments: Array(repeating: tensor, count: count))
        }
    }

    @Test("a value that is not finite is refused with its place")
    func notFinite() {
        let error = #expect(throws: WireError.self) {
            try ProjectResponse(
                body: [],
                attachments: [FloatTensor(rows: 2, columns: 2, values: [1, 2, .nan, 4])])
        }
        #expect(error?.message == "is not finite at row 1, column 0")
    }

    @Test("an empty tensor is an attachment like any other")
    func empty() throws {
        #expect(try EncodeResponse(body: [], attachments: [.empty]).states == .empty)
    }

    @Test("segments may use every row of the attachment and none beyond it")
    func segmentRows() throws {
        func request(_ firstRow: Int, _ rowCount: Int, _ vectors: FloatTensor?) -> RankRequest {
            RankRequest(
                prompt: [
                    .text("a"), .vectors(role: "item", firstRow: firstRow, rowCount: rowCount),
                ], vectors: vectors)
        }
        func decode(_ request: RankRequest) throws -> RankRequest {
            try RankRequest(body: request.encodedBody(), attachments: request.attachments)
        }
        let whole = request(0, 2, tensor)
        #expect(try decode(whole) == whole)
        #expect(throws: WireError.self) { try decode(request(1, 2, tensor)) }
        #expect(throws: WireError.self) { try decode(request(0, 1, nil)) }
        let error = #expect(throws: WireError.self) {
            try decode(request(Int(UInt32.max), Int(UInt32.max), tensor))
        }
        #expect(error?.field == "prompt[1].vectors")
    }
}
