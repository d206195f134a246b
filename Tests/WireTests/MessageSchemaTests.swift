import Domain
import FuzzSubjects
import Testing

@testable import Wire

@Suite("Messages by field names")
struct MessageSchemaTests {
    @Test("a body drawn from the descriptors survives the way through JSON")
    func roundTrip() throws {
        for kind in convertibleKinds {
            let schema = MessageSchema(kind.descriptor)
            for seed in 0..<20 {
                var generator = BodyGenerator(seed: UInt64(seed))
                let body = generator.body(of: MessageSchema(kind.descriptor))
                #expect(
                    try schema.body(ofJSON: schema.json(ofBody: body)) == body, "\(schema.name)")
            }
            #expect(try schema.body(ofJSON: schema.json(ofBody: [])).isEmpty, "\(schema.name)")
        }
    }

    @Test("every service, method and field type is known")
    func services() {
        let names = ServiceSchema.all.flatMap { service in
            service.methods.map { "\(service.name)/\($0.name)" }
        }
        #expect(names.count == 28)
        #expect(names.contains("llara.v1.Gateway/Recommend"))
        #expect(names.contains("llara.v1.Health/Watch"))
        for service in ServiceSchema.all {
            for method in service.methods {
                #expect(method.request.name.hasPrefix("llara.v1."))
                _ = method.request.fields + method.response.fields
            }
        }
    }

    @Test("the tests that hold for all messages know every message of every method")
    func allKinds() {
        var names: Set<String> = []
        func collect(_ schema: MessageSchema) {
            guard names.insert(schema.name).inserted else { return }
            for field in schema.fields {
                if case .message(let inner) = field.kind { collect(inner) }
            }
        }
        for method in ServiceSchema.all.flatMap(\.methods) {
            collect(method.request)
            collect(method.response)
        }
        let kinds = convertibleKinds.map { MessageSchema($0.descriptor).name }
        // Parts of other messages that never stand alone: values of Domain, an arm of a segment.
        let parts = ["HistoryItem", "AttributeFilter", "NumberRange", "VectorSegment"]
        #expect(names == Set(kinds + parts.map { "llara.v1.\($0)" }))
    }

    private func schema(_ name: String) throws -> MessageSchema {
        let methods = ServiceSchema.all.flatMap(\.methods).flatMap { [$0.request, $0.response] }
        return try #require(methods.first { $0.name == "llara.v1.\(name)" })
    }

    @Test("values written as strings become the field's type")
    func stringsOfACommandLine() throws {
        let body = try schema("RecommendRequest").body(
            ofJSON: .object([
                .init("user_id", .integer(42)), .init("count", .string("10")),
                .init("include_seen", .string("true")), .init("representation", .string("hybrid")),
                .init("min_version", .string("18446744073709551615")),
                .init("candidate_item_ids", .array([.string("1"), .string("2")])),
            ]))
        #expect(
            try RecommendRequest(body: body)
                == RecommendRequest(
                    userID: "42", candidateItemIDs: ["1", "2"], count: 10, includeSeen: true,
                    representation: .hybrid, minVersion: .max))
    }

    @Test("an enum's full name is taken as well")
    func enumNames() throws {
        let body = try schema("RecommendRequest").body(
            ofJSON: .object([.init("representation", .string("REPRESENTATION_TEXT"))]))
        #expect(try RecommendRequest(body: body).representation == .text)
    }

    @Test("a response reads as JSON with every field")
    func reading() throws {
        let response = HealthCheckResponse(status: .notServing, version: "0.1.0")
        #expect(
            try schema("HealthCheckResponse").json(ofBody: response.encodedBody()).text()
                == #"{"status":"not_serving","version":"0.1.0","reason":""}"#)
        let item = RecommendResponse(items: [RecommendedItem(id: "1", score: 0.5)])
        let json = try schema("RecommendResponse").json(ofBody: item.encodedBody())
        #expect(
            json["items"]?.text()
                == #"[{"id":"1","title":"","score":0.5,"parts":null,"not_in_release":false}]"#)
    }

    @Test(
        "a wrong value is refused by its path",
        arguments: [
            ("count", JSONValue.string("-1"), "count"), ("count", .number(1.5), "count"),
            ("count", .integer(1 << 32), "count"), ("include_seen", .string("yes"), "include_seen"),
            ("representation", .string("unknown"), "representation"),
            ("candidate_item_ids", .string("1"), "candidate_item_ids"),
            ("candidate_item_ids", .array([.null]), "candidate_item_ids[0]"),
            ("context", .integer(1), "context"), ("nothing", .integer(1), "nothing"),
            (
                "sequence",
                .object([.init("items", .array([.object([.init("rating", .string("nan"))])]))]),
                "sequence.items[0].rating"
            ),
        ])
    func wrongValues(_ field: String, _ value: JSONValue, _ path: String) throws {
        let schema = try schema("RecommendRequest")
        let error = #expect(throws: WireError.self) {
            try schema.body(ofJSON: .object([.init(field, value)]))
        }
        #expect(error?.field == path)
    }

    @Test("bytes are hexadecimal digits")
    func hexadecimal() throws {
        let schema = try schema("ListReleasesResponse")
        let response = ListReleasesResponse(releases: [
            StoredRelease(name: "r", manifestSHA256: Array(repeating: 0xAB, count: 32))
        ])
        let json = try schema.json(ofBody: response.encodedBody())
        #expect(json.text().contains(String(repeating: "ab", count: 32)))
        #expect(try schema.body(ofJSON: json) == response.encodedBody())
    }
}

@Suite("JSON text")
struct JSONValueTests {
    @Test("strings are escaped, numbers are the shortest that read back")
    func text() {
        let value = JSONValue.object([
            .init("a\"b", .string("line\nquote\" back\\ tab\t\u{1}é🎬")),
            .init(
                "n", .array([.number(0.1), .number(5), .number(-1e-7), .number(.nan), .null])),
            .init("w", .unsigned(.max)), .init("e", .object([])), .init("f", .array([])),
        ])
        let expected = #"""
            {"a\"b":"line\nquote\" back\\ tab\t\u0001é🎬","n":[0.1,5,-1e-07,null,null],
            "w":18446744073709551615,"e":{},"f":[]}
            """#
        #expect(value.text() == expected.split(separator: "\n").joined())
    }

    @Test("pretty text is indented by two spaces a level")
    func pretty() {
        let value = JSONValue.object([
            .init("a", .array([.integer(1), .bool(true)])), .init("b", .array([])),
        ])
        #expect(value.text(pretty: true) == "{\n  \"a\": [\n    1,\n    true\n  ],\n  \"b\": []\n}")
    }
}
