import FoundationEssentials
import Wire

extension JSONValue {
    /// Reads a JSON document.
    init(parsing text: String) throws {
        guard text.utf8.count <= CommandLimits.maximumJSONBytes else {
            throw CommandError(
                .badData, "the JSON has more than \(CommandLimits.maximumJSONBytes) bytes",
                advice: "split it into several calls")
        }
        do {
            self = try JSONDecoder().decode(Parsed.self, from: Data(text.utf8)).value
        } catch {
            throw CommandError(
                .badData, "this is no JSON",
                advice: "write an object, such as {\"user_id\": \"42\"}")
        }
    }
}

/// What the decoder fills; members in the order of their names.
private struct Parsed: Decodable {
    let value: JSONValue

    private struct Name: CodingKey {
        let stringValue: String
        let intValue: Int? = nil

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Name.self) {
            value = .object(
                try object.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                    .init(key.stringValue, try object.decode(Parsed.self, forKey: key).value)
                })
            return
        }
        if var array = try? decoder.unkeyedContainer() {
            var elements: [JSONValue] = []
            while !array.isAtEnd { elements.append(try array.decode(Parsed.self).value) }
            value = .array(elements)
            return
        }
        let scalar = try decoder.singleValueContainer()
        if scalar.decodeNil() {
            value = .null
        } else if let flag = try? scalar.decode(Bool.self) {
            value = .bool(flag)
        } else if let whole = try? scalar.decode(Int64.self) {
            value = .integer(whole)
        } else if let whole = try? scalar.decode(UInt64.self) {
            value = .unsigned(whole)
        } else if let number = try? scalar.decode(Double.self) {
            value = .number(number)
        } else {
            value = .string(try scalar.decode(String.self))
        }
    }
}
