import Domain
import RPC
import Testing
import Wire

@testable import llara

@Suite("Calls by names")
struct CallRenderingTests {
    @Test("a method is found by its short and its full name", arguments: ["", "llara.v1."])
    func targets(_ prefix: String) throws {
        let target = try CallRendering.target(prefix + "Gateway/Recommend")
        #expect(target.rpcMethod == RPCMethod(service: "llara.v1.Gateway", name: "Recommend"))
    }

    @Test(
        "an unknown method is refused",
        arguments: [
            "Gateway", "Gateway/", "/Recommend", "way/Recommend", "Gateway/recommend", "a/b/c",
        ])
    func unknown(_ name: String) {
        let error = #expect(throws: CommandError.self) { try CallRendering.target(name) }
        #expect(error?.status == .badData)
    }

    @Test("arguments become fields: lists at commas, JSON in brackets")
    func fields() throws {
        let schema = try CallRendering.target("Gateway/Recommend").method.request
        let pairs = try [
            "user_id=42", "candidate_item_ids=1,50", #"context={"time_seconds":7}"#,
            "representation=text",
        ].map { try #require(PairArgument(argument: $0)) }
        let message = try CallRendering.request(
            CallRendering.object(of: pairs, schema: schema), schema: schema)
        #expect(
            try RecommendRequest(body: message.body)
                == RecommendRequest(
                    userID: "42", candidateItemIDs: ["1", "50"], representation: .text,
                    context: RequestContext(timeSeconds: 7)))
    }

    @Test("attachments travel as rows, columns and values")
    func attachments() throws {
        let method = try CallRendering.target("Projector/Project").method
        let json = try JSONValue(
            parsing: #"{"role":"item","attachments":[{"rows":1,"columns":2,"values":[0.1,-2]}]}"#)
        let message = try CallRendering.request(json, schema: method.request)
        let tensor = FloatTensor(rows: 1, columns: 2, values: [0.1, -2])
        #expect(message.attachments == [tensor])
        let response = try CallRendering.response(
            RPCMessage(ProjectResponse(release: "r", vectors: tensor)), schema: method.response)
        #expect(
            response.text()
                == #"{"release":"r","attachments":[{"rows":1,"columns":2,"values":[0.1,-2]}]}"#)
    }

    @Test(
        "malformed attachments are refused",
        arguments: [
            "1", "[1]", #"[{"rows":1,"columns":2,"values":[1]}]"#,
            #"[{"rows":-1,"columns":-1,"values":[1]}]"#,
            #"[{"rows":4294967296,"columns":4294967296,"values":[]}]"#,
            #"[{"rows":1,"columns":1,"values":["x"]}]"#,
        ])
    func malformed(_ attachments: String) throws {
        let method = try CallRendering.target("Projector/Project").method
        let json = try JSONValue(parsing: #"{"attachments":\#(attachments)}"#)
        #expect(throws: CommandError.self) {
            try CallRendering.request(json, schema: method.request)
        }
    }

    @Test("JSON keeps integers whole and refuses what is no JSON")
    func parsing() throws {
        #expect(
            try JSONValue(parsing: #"{"b":[1,1.5,true,null,"x"],"a":18446744073709551615}"#)
                == .object([
                    .init("a", .unsigned(.max)),
                    .init(
                        "b", .array([.integer(1), .number(1.5), .bool(true), .null, .string("x")])),
                ]))
        for text in ["", "{", "nothing", String(repeating: "[", count: 100_000)] {
            #expect(throws: CommandError.self) { try JSONValue(parsing: text) }
        }
    }

    @Test("JSON up to the limit is read, one byte more is refused")
    func inputLimit() throws {
        let limit = CommandLimits.maximumJSONBytes
        let blanks = String(repeating: " ", count: limit - 2)
        #expect(try JSONValue(parsing: blanks + "{}") == .object([]))
        #expect(throws: CommandError.self) { try JSONValue(parsing: blanks + " {}") }
    }

    @Test("every method is listed with its fields")
    func lists() throws {
        #expect(CallRendering.methodList.contains("Encoder/ItemRows"))
        let fields = CallRendering.fieldList(
            of: try CallRendering.target("Gateway/Recommend").method.request)
        #expect(fields.contains("candidate_item_ids   list of text"))
        #expect(fields.contains("unspecified | text | behavioural | hybrid | index"))
        #expect(fields.contains("\n\nHistoryItem\n"))
    }
}

extension RPCMessage {
    fileprivate init(_ message: some WireMessage) {
        self.init(body: message.encodedBody(), attachments: message.attachments)
    }
}
