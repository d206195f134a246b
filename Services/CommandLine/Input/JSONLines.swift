import Wire

/// JSON objects, one a line, as elements of a request's list, in batches that fit one call.
struct JSONLines<Request: WireMessage> {
    private let schema: MessageSchema
    private let list: String
    private let others: [JSONValue.Member]
    private let lines: LineReader

    /// Reads `path`, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - method: the method that takes them, such as `Gateway/UpsertItems`.
    ///   - list: the request's field that each line is an element of.
    ///   - others: fields that stand beside the list.
    init(
        path: String, method: String, list: String, others: [JSONValue.Member] = []
    ) throws {
        self.others = others
        schema = try CallRendering.target(method).method.request
        self.list = list
        lines = try LineReader(path: path)
    }

    /// Sends every line in calls of as many as one call may write.
    ///
    /// - Parameter send: makes a call of requests with one element each; the number counts calls.
    /// - Returns: the last version, and all that changed.
    /// - Throws: ``CommandError`` naming the line and its field; earlier calls are stored.
    static func write(
        from path: String, method: String, list: String, others: [JSONValue.Member] = [],
        _ send: ([Request], Int) async throws -> WriteResponse
    ) async throws -> WriteResponse {
        let lines = try JSONLines(path: path, method: method, list: list, others: others)
        var sum: WriteResponse?
        var callCount = 0
        while let batch = try lines.nextBatch() {
            callCount += 1
            var answer = WriteResponse()
            do {
                answer = try await send(batch.requests, callCount)
            } catch {
                var failure = CommandError(error)
                failure.details.append(
                    "in lines \(batch.lines.lowerBound) to \(batch.lines.upperBound) of "
                        + "\(lines.lines.name); the lines before are stored")
                throw failure
            }
            answer.changedCount += sum?.changedCount ?? 0
            answer.replayed = answer.replayed && sum?.replayed != false
            sum = answer
        }
        guard let sum else {
            throw CommandError(
                .badData, "\(lines.lines.name) has no line", advice: "write one object on each line"
            )
        }
        return sum
    }

    /// Requests with one element each, and where they stand; nil after the last line.
    func nextBatch() throws -> (requests: [Request], lines: ClosedRange<Int>)? {
        let first = lines.lineNumber + 1
        var batch: [Request] = []
        var bytes = 0
        while batch.count < CommandLimits.maximumLinesPerCall,
            bytes < CommandLimits.maximumLineBytesPerCall, let line = try lines.next()
        {
            guard line.contains(where: { !$0.isWhitespace }) else { continue }
            batch.append(try request(line))
            bytes += line.utf8.count
        }
        return batch.isEmpty ? nil : (batch, first...lines.lineNumber)
    }

    private func request(_ line: String) throws -> Request {
        let place = "\(lines.name), line \(lines.lineNumber)"
        do {
            let json = JSONValue.object(
                others + [.init(list, .array([Self.withLists(try JSONValue(parsing: line))]))])
            return try Request(body: try schema.body(ofJSON: json))
        } catch let error as WireError {
            let field = error.field.replacing("\(list)[0].", with: "")
            throw CommandError(
                .badData, "\(place): \(field) \(error.message)",
                advice: "correct the line; what earlier calls wrote is stored")
        } catch let error as CommandError {
            throw CommandError(error.status, "\(place): \(error.message)", advice: error.advice)
        }
    }

    /// `{"year": "2016"}` as the key-value list that the message holds, as `item get --json` has it.
    private static func withLists(_ json: JSONValue) -> JSONValue {
        guard case .object(let members) = json else { return json }
        return .object(
            members.map { member in
                guard member.name.hasSuffix("attributes"), case .object(let pairs) = member.value
                else { return member }
                return .init(
                    member.name,
                    .array(
                        pairs.map {
                            .object([.init("key", .string($0.name)), .init("value", $0.value)])
                        }))
            })
    }
}
