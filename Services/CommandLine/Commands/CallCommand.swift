import ArgumentParser
import RPC
import ServiceAPI
import Wire

/// `llara call`: any method of any service by its name.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method with fields by name; without a method, list them.",
        discussion: """
            EXAMPLES
              llara call
              llara call Gateway/Recommend --fields
              llara call Gateway/Recommend user_id=42 count=5 candidate_item_ids=1,50
              llara call Encoder/Describe --address 127.0.0.1:7401
              llara call Gateway/RecommendStream user_id=42
              echo '{"release":"","sequences":[{"items":[{"item_id":"50"}]}]}' | \\
                llara call Encoder/Encode - --address 127.0.0.1:7401

            The response is JSON; a stream is one object a line until it ends or the time is up.
            """)

    @OptionGroup var options: GatewayOptions
    @Argument(
        help: "SERVICE/METHOD, such as Gateway/Recommend.",
        completion: .list(CallRendering.methodNames))
    var method: String?
    @Argument(help: "FIELD=VALUE …, or - for a JSON object on standard input.")
    var fields: [String] = []
    @Option(help: "The server, HOST:PORT (default: the gateway).") var address: String?
    @Flag(name: .customLong("fields"), help: "List the fields of the request and the response.")
    var listsFields = false

    func run() async throws {
        try await reporting {
            guard let method else { return Console.answer(CallRendering.methodList) }
            let target = try CallRendering.target(method)
            if listsFields {
                Console.answer(CallRendering.fieldList(of: target.method.request))
                Console.answer("\n" + CallRendering.fieldList(of: target.method.response))
                return
            }
            let request = try CallRendering.request(
                try requestJSON(target.method.request), schema: target.method.request)
            let server = try address.map { try RPCAddress(parsing: $0) } ?? options.address()
            try await options.answer.connection.withConnection(to: server) { caller in
                try await call(target, request, caller)
            }
        }
    }

    private func requestJSON(_ schema: MessageSchema) throws -> JSONValue {
        if fields == ["-"] {
            let lines = try LineReader(
                path: "-", maximumLineBytes: CommandLimits.maximumJSONBytes)
            var text = ""
            while let line = try lines.next(), text.utf8.count <= CommandLimits.maximumJSONBytes {
                text += (text.isEmpty ? "" : "\n") + line
            }
            return try JSONValue(parsing: text)
        }
        let pairs = try fields.map { text in
            guard let pair = PairArgument(argument: text) else {
                throw CommandError(
                    .badData, "'\(text)' is no FIELD=VALUE",
                    advice: "llara call \(method ?? "") --fields lists the fields")
            }
            return pair
        }
        return try CallRendering.object(of: pairs, schema: schema)
    }

    private func call(
        _ target: CallRendering.Target, _ request: RPCMessage, _ caller: any RPCCaller
    ) async throws {
        let schema = target.method.response
        let isPretty = !options.json
        guard target.isStreaming else {
            let response = try await caller.unary(
                target.rpcMethod, request, options: options.callOptions)
            let json = try CallRendering.response(response, schema: schema)
            return Console.answer(json.text(pretty: isPretty))
        }
        try await caller.serverStreaming(
            target.rpcMethod, request, options: options.callOptions
        ) { stream in
            for try await response in stream {
                Console.answer(try CallRendering.response(response, schema: schema).text())
            }
        }
    }
}
